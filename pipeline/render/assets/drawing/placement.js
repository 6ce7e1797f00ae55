// Where names go: the algorithm of pipeline/render/placement.py, which explains it, operation by
// operation, so that page and figures place the same names at the same places to the last bit.
// Beyond that the page remembers: while the map moves a name keeps its place beside its anchor, and
// when the map rests a name moves only to a place that is clearly better.

// [u, v, a, b]: a box moves by u and v times (a of its own half size and b of half its height).
const STEPS = [[0, 0, 0, 0]];
for (const [a, b] of [[0.5, 0], [1, 0.375], [1, 1.25], [1, 2.5], [1, 4.25], [1, 6.5]]) {
  for (const [u, v] of [
    [0, -1], [0, 1], [1, 0], [-1, 0],
    [0.5, -1], [-0.5, -1], [0.5, 1], [-0.5, 1],
    [1, -1], [-1, -1], [1, 1], [-1, 1],
    [0.25, -1], [-0.25, -1], [0.25, 1], [-0.25, 1],
    [0.75, -1], [-0.75, -1], [0.75, 1], [-0.75, 1],
    [1, -0.5], [-1, -0.5], [1, 0.5], [-1, 0.5],
  ]) STEPS.push([u, v, a, b]);
}

const BY_MIDDLE = 0.15;
const LINE = 0.75;
const CROWD = 4;
const CROWD_HALF = 0.25;
const STRANGER = 1;
const SWEEPS = 3;
const LOYALTY = 1; // how much cheaper, in half heights, a place must be before a name moves there

function lengthOf(x, y) {
  return Math.sqrt(x * x + y * y); // Math.hypot rounds otherwise
}

function clamp(v, low, high) {
  return Math.min(Math.max(v, low), high);
}

export function boxAt({ w, h }, x, y) {
  return { left: x - w / 2, right: x + w / 2, top: y - h / 2, bottom: y + h / 2 };
}

export function isNear(one, other, padding) {
  return (
    one.left < other.right + padding && other.left < one.right + padding &&
    one.top < other.bottom + padding && other.top < one.bottom + padding
  );
}

// Names {x, y, w, h, priority, reach, lined} are placed within `bounds`, clear of `obstacles`, with
// the `crowd` (something with a `share` of a box, or null) rather not covered. A name that had a
// place has its offset from the anchor in `last`.
export class Sheet {
  constructor(names, { bounds, obstacles, padding, crowd }) {
    this.names = names;
    this.bounds = bounds;
    this.padding = padding;
    this.crowd = crowd;
    this.order = names.map((_, i) => i).sort((i, j) => names[j].priority - names[i].priority || i - j);
    const slots = names.length + obstacles.length;
    // What stands where, names first and then obstacles: middle of a name, box, and line if it has one.
    for (const field of ["x", "y", "left", "top", "right", "bottom", "lineX", "lineY"]) this[field] = new Float64Array(slots);
    this.hasLine = new Uint8Array(slots);
    this.isPlaced = new Uint8Array(slots);
    this.rank = new Int32Array(slots).fill(-1); // obstacles come before every name
    this.order.forEach((i, rank) => { this.rank[i] = rank; });
    obstacles.forEach((box, k) => this.setBox(names.length + k, box));
    this.order = this.order.filter((i) => [names[i].x, names[i].y, names[i].w, names[i].h].every(Number.isFinite));
    this.try = new Outline();
  }

  setBox(slot, { left, top, right, bottom }) {
    this.left[slot] = left;
    this.top[slot] = top;
    this.right[slot] = right;
    this.bottom[slot] = bottom;
    this.isPlaced[slot] = 1;
  }

  // Every name at its best place. Names that had a place begin there and are loyal to it.
  settle() {
    const remembers = this.resume();
    for (let sweep = 0; sweep < SWEEPS; sweep++) {
      let changed = false;
      for (const i of this.order) changed = this.settleOne(i, remembers || sweep > 0) || changed;
      if (!changed) break;
    }
    return this.places();
  }

  // Names that had a place keep it where they can; the others take what is free.
  keep() {
    this.resume();
    for (const i of this.order) if (!this.isPlaced[i]) this.putIfFound(i, this.bestPlace(i, Infinity));
    return this.places();
  }

  // Puts names where they were as far as they can; whether there are any.
  resume() {
    const old = this.order.filter((i) => this.names[i].last);
    for (const i of old) this.putIfFound(i, this.lastPlace(i, this.othersNear(i, Infinity)));
    return old.length > 0;
  }

  // For each name {x, y}, the middle of its box, and whether it `hasLine`; or null.
  places() {
    return this.names.map((_, i) => (this.isPlaced[i] ? { x: this.x[i], y: this.y[i], hasLine: this.hasLine[i] === 1 } : null));
  }

  settleOne(i, mayPush) {
    const was = this.isPlaced[i];
    const x = this.x[i];
    const y = this.y[i];
    this.isPlaced[i] = 0;
    this.hasLine[i] = 0;
    const place = this.bestPlace(i, Infinity) || (mayPush ? this.bestPlace(i, this.rank[i]) : null);
    this.putIfFound(i, place);
    return place ? !was || place.x !== x || place.y !== y : was === 1;
  }

  // Sets a name down, and lifts the lesser ones that are in its way.
  putIfFound(i, place) {
    if (!place) return;
    const outline = this.try.set(this.names[i], place.x, place.y);
    for (const j of this.order) {
      if (this.isPlaced[j] && this.rank[j] > this.rank[i] && (this.isNear(outline, j) || this.isTangled(outline, j))) this.isPlaced[j] = this.hasLine[j] = 0;
    }
    this.x[i] = place.x;
    this.y[i] = place.y;
    this.setBox(i, outline);
    this.hasLine[i] = outline.hasLine ? 1 : 0;
    this.lineX[i] = outline.lineX;
    this.lineY[i] = outline.lineY;
  }

  // Slots of what is placed, ranks before `below`, and is near enough to be in the way of a name.
  othersNear(i, below) {
    const name = this.names[i];
    const far = { w: name.w + name.reach + this.padding + 1, h: name.h + name.reach + this.padding + 1 };
    const others = [];
    for (let j = 0; j < this.isPlaced.length; j++) {
      if (!this.isPlaced[j] || j === i || this.rank[j] >= below) continue;
      const endX = this.hasLine[j] ? this.names[j].x : this.left[j];
      const endY = this.hasLine[j] ? this.names[j].y : this.top[j];
      if (Math.min(this.left[j], endX) > name.x + far.w || Math.max(this.right[j], endX) < name.x - far.w) continue;
      if (Math.min(this.top[j], endY) > name.y + far.h || Math.max(this.bottom[j], endY) < name.y - far.h) continue;
      others.push(j);
    }
    return others;
  }

  fits({ w, h }) {
    const { left, right, top, bottom } = this.bounds;
    return left + w / 2 <= right - w / 2 && top + h / 2 <= bottom - h / 2;
  }

  // Somewhere in the bounds, as near as can be to that offset from the anchor.
  clampedX(name, dx) {
    return clamp(name.x + dx, this.bounds.left + name.w / 2, this.bounds.right - name.w / 2);
  }

  clampedY(name, dy) {
    return clamp(name.y + dy, this.bounds.top + name.h / 2, this.bounds.bottom - name.h / 2);
  }

  // The place that a name had, if it is still free and in reach.
  lastPlace(i, others) {
    const name = this.names[i];
    if (!this.fits(name)) return null;
    const x = this.clampedX(name, name.last.dx);
    const y = this.clampedY(name, name.last.dy);
    const outline = this.try.set(name, x, y);
    return outline.gap <= name.reach && !this.touchesAny(outline, others) && !this.isTangledWithAny(outline, others) ? { x, y } : null;
  }

  // The cheapest place {x, y} that is free of all others that rank before `below`, or null.
  bestPlace(i, below) {
    const name = this.names[i];
    if (!this.fits(name)) return null;
    const others = this.othersNear(i, below);
    const last = name.last ? this.lastPlace(i, others) : null;
    let best = last;
    let least = last ? this.cost(i, this.try.set(name, last.x, last.y), Infinity) - LOYALTY : Infinity;
    for (const [u, v, a, b] of STEPS) {
      const x = this.clampedX(name, u * (a * (name.w / 2) + b * (name.h / 2)));
      const y = this.clampedY(name, v * (a * (name.h / 2) + b * (name.h / 2)));
      const outline = this.try.set(name, x, y);
      if (outline.gap > name.reach || this.nearCost(name, outline) >= least || this.touchesAny(outline, others)) continue;
      const cost = this.cost(i, outline, least);
      if (cost < least && !this.isTangledWithAny(outline, others)) { least = cost; best = { x, y }; }
    }
    return best;
  }

  // What it costs to stand there, in half heights of the name: for the way, and in all. From `enough`
  // on it does not matter how much.
  nearCost(name, { gap, x, y, hasLine }) {
    const cost = (gap + BY_MIDDLE * lengthOf(x - name.x, y - name.y)) / (name.h / 2);
    return hasLine ? cost + LINE : cost;
  }

  cost(i, outline, enough) {
    let cost = this.nearCost(this.names[i], outline);
    if (this.crowd) {
      const share = this.crowd.share(outline.left, outline.top, outline.right, outline.bottom);
      cost += (CROWD * share) / (share + CROWD_HALF);
    }
    return cost >= enough ? cost : cost + STRANGER * this.strangersIn(outline, i);
  }

  // How many anchors of other names a box covers: it would seem to name those.
  strangersIn(box, own) {
    let count = 0;
    for (let j = 0; j < this.names.length; j++) if (j !== own && holds(box, this.names[j].x, this.names[j].y)) count++;
    return count;
  }

  touchesAny(outline, others) {
    for (let k = 0; k < others.length; k++) if (this.isNear(outline, others[k])) return true;
    return false;
  }

  isTangledWithAny(outline, others) {
    for (let k = 0; k < others.length; k++) if (this.isTangled(outline, others[k])) return true;
    return false;
  }

  isNear(box, j) {
    const { left, right, top, bottom, padding } = this;
    return (
      box.left < right[j] + padding && left[j] < box.right + padding &&
      box.top < bottom[j] + padding && top[j] < box.bottom + padding
    );
  }

  // Whether a line of the two crosses the other's, or runs through its box. An anchor may lie beneath
  // an obstacle: then its line ends there.
  isTangled(one, j) {
    const { left, right, top, bottom, lineX, lineY, names } = this;
    if (this.hasLine[j]) {
      const { x, y } = names[j];
      if (runsThrough(lineX[j], lineY[j], x, y, one.left, one.top, one.right, one.bottom)) return true;
      if (one.hasLine && crosses(one.lineX, one.lineY, one.anchorX, one.anchorY, lineX[j], lineY[j], x, y)) return true;
    }
    if (!one.hasLine || !runsThrough(one.lineX, one.lineY, one.anchorX, one.anchorY, left[j], top[j], right[j], bottom[j])) return false;
    const isBeneath = j >= names.length && one.anchorX > left[j] && one.anchorX < right[j] && one.anchorY > top[j] && one.anchorY < bottom[j];
    return !isBeneath;
  }
}

// A name at a place: its box, the gap to its anchor, and where its line begins if it has one. One of
// these is used over and over: thousands of places are looked at for one picture.
class Outline {
  set(name, x, y) {
    this.x = x;
    this.y = y;
    this.left = x - name.w / 2;
    this.right = x + name.w / 2;
    this.top = y - name.h / 2;
    this.bottom = y + name.h / 2;
    this.anchorX = name.x;
    this.anchorY = name.y;
    this.gap = lengthOf(Math.max(0, Math.abs(x - name.x) - name.w / 2), Math.max(0, Math.abs(y - name.y) - name.h / 2));
    this.hasLine = name.lined && this.gap > 0;
    this.lineX = clamp(name.x, this.left, this.right);
    this.lineY = clamp(name.y, this.top, this.bottom);
    return this;
  }
}

// Whether a line enters a box: no axis, and not the line's own normal, separates them.
function runsThrough(sx, sy, ex, ey, left, top, right, bottom) {
  if (Math.max(sx, ex) <= left || Math.min(sx, ex) >= right) return false;
  if (Math.max(sy, ey) <= top || Math.min(sy, ey) >= bottom) return false;
  const first = (ex - sx) * (top - sy);
  const second = (ex - sx) * (bottom - sy);
  const third = (ey - sy) * (left - sx);
  const fourth = (ey - sy) * (right - sx);
  return (
    Math.min(first - third, first - fourth, second - third, second - fourth) < 0 &&
    Math.max(first - third, first - fourth, second - third, second - fourth) > 0
  );
}

// Whether the line from s to e properly crosses the one from a to b.
function crosses(sx, sy, ex, ey, ax, ay, bx, by) {
  const side = (x, y) => (ex - sx) * (y - sy) - (ey - sy) * (x - sx);
  const other = (x, y) => (bx - ax) * (y - ay) - (by - ay) * (x - ax);
  return side(ax, ay) * side(bx, by) < 0 && other(sx, sy) * other(ex, ey) < 0;
}

function holds(box, x, y) {
  return x > box.left && x < box.right && y > box.top && y < box.bottom;
}
