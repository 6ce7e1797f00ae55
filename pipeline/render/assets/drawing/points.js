// Points drawn by hand into pixels, in the order of a grid: near each other on the map, near each other
// in memory. Measured in Chromium 156 without a GPU on 1500 x 1100 pixels: 79,343 arcs take 170 ms, as
// many drawImage sprites 280 ms, these stamps 4 ms.

import { atlas, grid } from "../data/atlas.js";
import { blend, stampOf } from "./stamps.js";

export const FULL = 0; // a paper of a theme
export const HOLLOW = 1; // one that fits its theme weakly
export const QUIET = 2; // one of no theme, or one that is out of focus
export const STRONG = 3; // one that was searched for

const LAYERS = [QUIET, HOLLOW, FULL, STRONG]; // from the lowest to the topmost
const POINTS_A_LOOK = 2000; // drawn between two looks at the clock

export function packed([red, green, blue]) {
  return (blue << 16) | (green << 8) | red;
}

// Radius of a point in CSS pixels: smaller in crowds, growing slowly as one comes closer.
export function pointRadius(camera) {
  const crowd = 5.4 * Math.pow(169 / Math.max(40, atlas.n), 0.27);
  const room = Math.pow(Math.min(camera.width, camera.height * 1.3) / 900, 0.35);
  return Math.min(9, crowd * room * Math.pow(Math.max(1, camera.zoom), 0.42));
}

// Places and colours of all points in the order in which they are drawn: kind by kind, and within a
// kind along the grid. Made anew when a style changes; 1,000,000 points take some 20 ms.
export class DrawingOrder {
  constructor() {
    const { n } = atlas;
    this.x = new Float32Array(n);
    this.y = new Float32Array(n);
    this.colours = new Int32Array(n);
    this.starts = LAYERS.map(() => new Uint32Array(grid.starts.length)); // by kind and cell
    this.gridX = Float32Array.from(grid.rows, (i) => atlas.x[i]);
    this.gridY = Float32Array.from(grid.rows, (i) => atlas.y[i]);
  }

  update({ kinds, colours }) {
    const counts = new Uint32Array(LAYERS.length);
    for (let i = 0; i < kinds.length; i++) counts[kinds[i]]++;
    const next = new Uint32Array(LAYERS.length);
    let before = 0;
    for (const kind of LAYERS) { next[kind] = before; before += counts[kind]; }
    const last = grid.starts.length - 1;
    for (let cell = 0; cell <= last; cell++) {
      for (const kind of LAYERS) this.starts[kind][cell] = next[kind];
      if (cell === last) break;
      for (let k = grid.starts[cell]; k < grid.starts[cell + 1]; k++) {
        const i = grid.rows[k];
        const at = next[kinds[i]]++;
        this.x[at] = this.gridX[k];
        this.y[at] = this.gridY[k];
        this.colours[at] = colours[i];
      }
    }
  }
}

// How the kinds look at this size: stamps from the lowest to the topmost, of which `null` stands for
// the point's own colour and a number for that one.
function looksOf(radius, ratio, ground) {
  const looks = [];
  const strong = Math.max(radius * 1.25, 2.6 * ratio);
  const edge = radius >= 2.2 * ratio ? [[stampOf(radius + 0.9 * ratio, 215), ground]] : [];
  looks[FULL] = [...edge, [stampOf(radius, radius < 1.6 ? 205 : 235), null]];
  looks[HOLLOW] = radius >= 2.4
    ? [...edge, [stampOf(radius * 0.95, 225, Math.max(1.1, 1.4 * ratio)), null]]
    : [[stampOf(radius, 110), null]];
  looks[QUIET] = [[stampOf(radius * 0.8, radius < 1.6 ? 120 : 150), null]];
  looks[STRONG] = [[stampOf(strong + 1.2 * ratio, 256), ground], [stampOf(strong, 250), null]];
  return looks;
}

// The drawing of all points that a picture sees, in as many goes as it needs.
export class PointPass {
  // `sheet`: {pixels, width, height, scale, originX, originY}: a point (x, y) of the unit square lies
  // at (x scale + originX, y scale + originY).
  constructor(sheet, order, radius, ratio, ground) {
    this.sheet = sheet;
    this.order = order;
    this.stride = 1;
    this.looks = looksOf(radius, ratio, ground);
    for (const look of this.looks) for (const [stamp] of look) stamp.setWidth(sheet.width);
    const reach = (Math.max(radius * 1.25, 2.6 * ratio) + 3) / sheet.scale;
    const cellAt = (pixel, origin) => grid.cell((pixel - origin) / sheet.scale);
    this.columns = [cellAt(0, sheet.originX + reach * sheet.scale), cellAt(sheet.width, sheet.originX - reach * sheet.scale)];
    this.rows = [cellAt(0, sheet.originY + reach * sheet.scale), cellAt(sheet.height, sheet.originY - reach * sheet.scale)];
    this.layer = 0;
    this.row = this.rows[0];
    this.at = -1; // place in the order, or -1 before a row of the grid is begun
  }

  // Makes do with every s-th point, so that at most `limit` are drawn.
  sample(limit) {
    this.stride = Math.max(1, Math.ceil(this.count() / limit));
  }

  // How many points lie in the cells that are seen.
  count() {
    let sum = 0;
    for (const starts of this.order.starts) {
      for (let row = this.rows[0]; row <= this.rows[1]; row++) {
        sum += starts[row * grid.side + this.columns[1] + 1] - starts[row * grid.side + this.columns[0]];
      }
    }
    return sum;
  }

  // Draws until the clock shows `deadline`; true when all is drawn.
  run(deadline) {
    let left = POINTS_A_LOOK;
    while (this.layer < LAYERS.length) {
      const kind = LAYERS[this.layer];
      const starts = this.order.starts[kind];
      for (; this.row <= this.rows[1]; this.row++, this.at = -1) {
        const end = starts[this.row * grid.side + this.columns[1] + 1];
        // Every s-th of the whole order, so that each cell gives its share.
        if (this.at < 0) this.at = Math.ceil(starts[this.row * grid.side + this.columns[0]] / this.stride) * this.stride;
        while (this.at < end) {
          const to = Math.min(end, this.at + left * this.stride);
          left -= Math.ceil((to - this.at) / this.stride);
          this.draw(kind, this.at, to);
          this.at += Math.ceil((to - this.at) / this.stride) * this.stride;
          if (left > 0) continue;
          if (performance.now() >= deadline) return false;
          left = POINTS_A_LOOK;
        }
      }
      this.layer++;
      this.row = this.rows[0];
    }
    return true;
  }

  draw(kind, from, to) {
    const { pixels, width, height, scale, originX, originY } = this.sheet;
    const { x, y, colours } = this.order;
    const look = this.looks[kind];
    const [stamp, colour] = look[0];
    const over = look.length > 1 ? look[1][0] : null;
    for (let k = from; k < to; k += this.stride) {
      const px = x[k] * scale + originX;
      const py = y[k] * scale + originY;
      blend(pixels, width, height, stamp, px, py, colour === null ? colours[k] : colour);
      if (over) blend(pixels, width, height, over, px, py, colours[k]);
    }
  }
}
