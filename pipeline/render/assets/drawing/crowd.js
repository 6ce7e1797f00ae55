// How much of a box lies over points: what a name should rather not cover. As pipeline/render/
// crowd.py, operation by operation: both must give the same names the same places.

const N_CELLS = 256; // along the longer side of a table that nobody gave a cell size

// A summed-area table over a raster of which cells hold a point. `bounds` {left, top, right, bottom}
// spans more than nothing; points outside it do not count.
export class CrowdTable {
  constructor(n, xOf, yOf, bounds, cell) {
    const { left, top, right, bottom } = bounds;
    this.left = left;
    this.top = top;
    this.cell = cell || Math.max(right - left, bottom - top) / N_CELLS;
    this.columns = Math.max(1, Math.ceil((right - left) / this.cell));
    this.rows = Math.max(1, Math.ceil((bottom - top) / this.cell));
    const width = this.columns + 1;
    this.sums = new Uint32Array(width * (this.rows + 1));
    for (let i = 0; i < n; i++) {
      const x = xOf(i);
      const y = yOf(i);
      if (!(x >= left && x <= right && y >= top && y <= bottom)) continue;
      const column = Math.min(Math.floor((x - left) / this.cell), this.columns - 1);
      const row = Math.min(Math.floor((y - top) / this.cell), this.rows - 1);
      this.sums[(row + 1) * width + column + 1] = 1;
    }
    for (let row = 1; row <= this.rows; row++) {
      let sum = 0;
      for (let at = row * width + 1; at < (row + 1) * width; at++) {
        sum += this.sums[at];
        this.sums[at] = this.sums[at - width] + sum;
      }
    }
  }

  // The share of a box over cells with points, from 0 to 1. Cells cut by an edge count by the part
  // inside: a box that moves a little changes little.
  share(left, top, right, bottom) {
    let held = this.held(right, bottom) - this.held(left, bottom);
    held = held - this.held(right, top) + this.held(left, top);
    const area = ((right - left) / this.cell) * ((bottom - top) / this.cell);
    return Math.max(0, held) / area;
  }

  held(x, y) {
    const across = Math.min(Math.max((x - this.left) / this.cell, 0), this.columns);
    const along = Math.min(Math.max((y - this.top) / this.cell, 0), this.rows);
    const i = Math.min(Math.floor(across), this.columns - 1);
    const j = Math.min(Math.floor(along), this.rows - 1);
    const { sums, columns } = this;
    const at = j * (columns + 1) + i;
    const below = at + columns + 1;
    const f = across - i;
    const first = sums[at] + f * (sums[at + 1] - sums[at]);
    const second = sums[below] + f * (sums[below + 1] - sums[below]);
    return first + (along - j) * (second - first);
  }
}
