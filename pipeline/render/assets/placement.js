// Where names go on the screen: as pipeline/render/placement.py, but it remembers. A name keeps the
// place it had while the map moves, so that nothing jumps; when the map rests it takes the best one.

const DIRECTIONS = 16;
const RINGS = [0.4, 0.8, 1.2, 1.7, 2.3];
const NAME_GAP = 4; // least gap between two boxes, in CSS pixels
const MAX_LINE = 64; // the longest line from a name to what it names

function touches(box, others) {
  for (const other of others) {
    if (
      box.left < other.right + NAME_GAP && other.left < box.right + NAME_GAP &&
      box.top < other.bottom + NAME_GAP && other.top < box.bottom + NAME_GAP
    ) return true;
  }
  return false;
}

function boxAt(name, x, y) {
  return { left: x - name.w / 2, right: x + name.w / 2, top: y - name.h / 2, bottom: y + name.h / 2 };
}

// The offset of a name's middle from its anchor, moved as little as needed to stay in bounds.
function keptInside(name, dx, dy, bounds) {
  const x = Math.max(bounds.left + name.w / 2, Math.min(bounds.right - name.w / 2, name.x + dx));
  const y = Math.max(bounds.top + name.h / 2, Math.min(bounds.bottom - name.h / 2, name.y + dy));
  return { dx: x - name.x, dy: y - name.y };
}

function* candidateOffsets(name) {
  yield [0, 0];
  const line = 2 * Math.min(name.h / 2, 16);
  for (const ring of RINGS) {
    for (let k = 0; k < DIRECTIONS; k++) {
      const angle = (k * 2 * Math.PI) / DIRECTIONS - Math.PI / 2;
      yield [Math.cos(angle) * (name.w / 2 + line) * ring, Math.sin(angle) * (name.h / 2 + line) * ring];
    }
  }
}

// Where the line from a name to its anchor leaves the name's box; null for a name without a line.
function leaderOf(name, dx, dy) {
  if (name.free) return null;
  const startX = Math.max(name.x + dx - name.w / 2, Math.min(name.x + dx + name.w / 2, name.x));
  const startY = Math.max(name.y + dy - name.h / 2, Math.min(name.y + dy + name.h / 2, name.y));
  return { startX, startY, endX: name.x, endY: name.y };
}

function holds(box, x, y) {
  return x > box.left && x < box.right && y > box.top && y < box.bottom;
}

function runsThrough(line, box) {
  for (let step = 0; step <= 10; step++) {
    const x = line.startX + ((line.endX - line.startX) * step) / 10;
    const y = line.startY + ((line.endY - line.startY) * step) / 10;
    if (holds(box, x, y)) return true;
  }
  return false;
}

function crosses(a, b) {
  const side = (l, x, y) => (l.endX - l.startX) * (y - l.startY) - (l.endY - l.startY) * (x - l.startX);
  return (
    side(a, b.startX, b.startY) * side(a, b.endX, b.endY) < 0 &&
    side(b, a.startX, a.startY) * side(b, a.endX, a.endY) < 0
  );
}

// Whether a name here would have its line run through another name or line, or stand on one.
function tangles(name, dx, dy, box, boxes, lines) {
  if (lines.some((line) => runsThrough(line, box))) return true;
  const own = leaderOf(name, dx, dy);
  if (!own) return false;
  const away = Math.hypot(own.startX - own.endX, own.startY - own.endY) > 0;
  // A name over the anchor itself hides the end of the line; that still beats having no name.
  const others = boxes.filter((other) => !holds(other, own.endX, own.endY));
  return away && (others.some((other) => runsThrough(own, other)) || lines.some((line) => crosses(own, line)));
}

function bestOffset(name, bounds, boxes, lines, coverOf) {
  let best = null;
  let least = Infinity;
  for (const [wishX, wishY] of candidateOffsets(name)) {
    const { dx, dy } = keptInside(name, wishX, wishY, bounds);
    const gap = Math.hypot(Math.max(0, Math.abs(dx) - name.w / 2), Math.max(0, Math.abs(dy) - name.h / 2));
    const distance = (gap + 0.15 * Math.hypot(dx, dy)) / (name.h / 2);
    if (distance >= least || gap > MAX_LINE || Math.hypot(dx, dy) > name.reach) continue;
    const box = boxAt(name, name.x + dx, name.y + dy);
    if (touches(box, boxes) || tangles(name, dx, dy, box, boxes, lines)) continue;
    const cost = distance + 2.5 * coverOf(box);
    if (cost < least) { least = cost; best = { dx, dy }; }
  }
  return best;
}

// The place a name had, if it is still free.
function keptOffset(name, bounds, boxes) {
  const kept = keptInside(name, name.last.dx, name.last.dy, bounds);
  return touches(boxAt(name, name.x + kept.dx, name.y + kept.dy), boxes) ? null : kept;
}

// Gives each name, most important first, an offset {dx, dy} or null. Names are {x, y, w, h} in CSS
// pixels with the last offset in `last`, the longest one in `reach`, and `free` if they have no
// line; at most `limit` are placed.
function placeNames(names, bounds, obstacles, coverOf, limit, resting) {
  const boxes = obstacles.slice();
  const lines = [];
  let placed = 0;
  return names.map((name) => {
    if (placed >= limit || name.w > bounds.right - bounds.left || name.h > bounds.bottom - bounds.top) return null;
    const kept = name.last && !resting ? keptOffset(name, bounds, boxes) : null;
    const offset = kept || bestOffset(name, bounds, boxes, lines, coverOf);
    if (!offset) return null;
    boxes.push(boxAt(name, name.x + offset.dx, name.y + offset.dy));
    const line = leaderOf(name, offset.dx, offset.dy);
    if (line) lines.push(line);
    placed++;
    return offset;
  });
}

// How much of a box on the screen lies over points: a summed-area table over the unit square.
class CoverTable {
  constructor() {
    const side = (this.side = 400);
    this.table = new Uint32Array((side + 1) * (side + 1));
    for (let i = 0; i < atlas.n; i++) {
      const column = Math.min(side - 1, Math.floor(atlas.x[i] * side));
      const row = Math.min(side - 1, Math.floor(atlas.y[i] * side));
      this.table[(row + 1) * (side + 1) + column + 1] = 1;
    }
    for (let row = 1; row <= side; row++) {
      let sum = 0;
      for (let column = 1; column <= side; column++) {
        const at = row * (side + 1) + column;
        sum += this.table[at];
        this.table[at] = this.table[at - side - 1] + sum;
      }
    }
  }

  share(camera, box) {
    const cell = (v) => Math.max(0, Math.min(this.side, Math.round(v * this.side)));
    const left = cell(camera.worldX(box.left));
    const right = cell(camera.worldX(box.right));
    const top = cell(camera.worldY(box.top));
    const bottom = cell(camera.worldY(box.bottom));
    const at = (row, column) => this.table[row * (this.side + 1) + column];
    const held = at(bottom, right) - at(top, right) - at(bottom, left) + at(top, left);
    const span = ((box.right - box.left) * (box.bottom - box.top) * this.side ** 2) / camera.scale ** 2;
    return held / Math.max(1, span);
  }
}
