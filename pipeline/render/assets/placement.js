// Where names go on the screen: as pipeline/render/placement.py, but it remembers. A name keeps the
// place it had while the map moves, so that nothing jumps; when the map rests it takes the best one.

const DIRECTIONS = 16;
const RINGS = [0.4, 0.8, 1.2, 1.7, 2.3];
const NAME_GAP = 4; // least gap between two boxes, in CSS pixels

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

function crossesAny(name, dx, dy, boxes) {
  for (let step = 1; step < 6; step++) {
    const x = name.x + (dx * step) / 6;
    const y = name.y + (dy * step) / 6;
    for (const box of boxes) {
      if (x > box.left && x < box.right && y > box.top && y < box.bottom) return true;
    }
  }
  return false;
}

function bestOffset(name, bounds, boxes, coverOf) {
  let best = null;
  let least = Infinity;
  for (const [wishX, wishY] of candidateOffsets(name)) {
    const { dx, dy } = keptInside(name, wishX, wishY, bounds);
    const gap = Math.hypot(Math.max(0, Math.abs(dx) - name.w / 2), Math.max(0, Math.abs(dy) - name.h / 2));
    const distance = (gap + 0.15 * Math.hypot(dx, dy)) / (name.h / 2);
    if (distance >= least || distance > 7 || Math.hypot(dx, dy) > name.reach) continue;
    const box = boxAt(name, name.x + dx, name.y + dy);
    if (touches(box, boxes)) continue;
    const cost = distance + 2.5 * coverOf(box) + (crossesAny(name, dx, dy, boxes) ? 4 : 0);
    if (cost < least) { least = cost; best = { dx, dy }; }
  }
  return best;
}

// Gives each name, most important first, an offset {dx, dy} or null. Names are {x, y, w, h} in CSS
// pixels with the last offset in `last` and the longest one in `reach`; at most `limit` are placed.
function placeNames(names, bounds, obstacles, coverOf, limit, resting) {
  const boxes = obstacles.slice();
  let placed = 0;
  return names.map((name) => {
    if (placed >= limit || name.w > bounds.right - bounds.left || name.h > bounds.bottom - bounds.top) return null;
    let offset = null;
    if (name.last && !resting) {
      const kept = keptInside(name, name.last.dx, name.last.dy, bounds);
      if (!touches(boxAt(name, name.x + kept.dx, name.y + kept.dy), boxes)) offset = kept;
    }
    offset = offset || bestOffset(name, bounds, boxes, coverOf);
    if (offset) {
      boxes.push(boxAt(name, name.x + offset.dx, name.y + offset.dy));
      placed++;
    }
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
