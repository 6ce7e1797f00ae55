// The soft ground under the points: each theme's colour, spread as far as its papers are dense.

import { FULL, HOLLOW, STRONG, packed } from "./points.js";

const FULL_GLOW = 3; // papers at one place whose glow is at its strongest; one alone glows less
const GROUND_SIDE = 288;
const GROUND_MARGIN = 0.14; // of the unit square, on every side, so that the blur does not end sharply

function boxBlur(from, to, side, radius) {
  const share = 1 / (2 * radius + 1);
  for (let row = 0; row < side; row++) {
    let sum = 0;
    const base = row * side;
    for (let k = -radius; k <= radius; k++) sum += k >= 0 ? from[base + k] : 0;
    for (let x = 0; x < side; x++) {
      // Written transposed: two passes blur both ways and restore the order.
      to[x * side + row] = sum * share;
      sum += (x + radius + 1 < side ? from[base + x + radius + 1] : 0) - (x >= radius ? from[base + x - radius] : 0);
    }
  }
}

export function smooth(field, side, radius) {
  const other = new Float32Array(field.length);
  for (let pass = 0; pass < 3; pass++) {
    boxBlur(field, other, side, radius);
    boxBlur(other, field, side, radius);
  }
  return field;
}

// What the middle of one paper becomes when it is smoothed: three box blurs are nearly a Gaussian.
function peakOf(radius) {
  const variance = (3 * ((2 * radius + 1) ** 2 - 1)) / 12;
  return 1 / (2 * Math.PI * variance);
}

// Colours are packed as 0xbbggrr.
export class DensityGround {
  constructor() {
    const cells = GROUND_SIDE * GROUND_SIDE;
    this.tint = new Int32Array(cells); // the themes' colour
    this.strength = new Float32Array(cells); // how much of it is seen, in [0, 1]
    this.mixed = new Int32Array(cells); // the tint over the ground
    this.line = new Int32Array(GROUND_SIDE);
  }

  // From the points in the order in which they are drawn; the quiet ones give no colour.
  update(order, ink) {
    const cells = GROUND_SIDE * GROUND_SIDE;
    const fields = [0, 1, 2, 3].map(() => new Float32Array(cells)); // weight, red, green, blue
    const toCell = GROUND_SIDE / (1 + 2 * GROUND_MARGIN);
    let n = 0;
    for (const kind of [HOLLOW, FULL, STRONG]) {
      const starts = order.starts[kind];
      const end = starts[starts.length - 1];
      for (let k = starts[0]; k < end; k++) {
        const at = (((order.y[k] + GROUND_MARGIN) * toCell) | 0) * GROUND_SIDE + (((order.x[k] + GROUND_MARGIN) * toCell) | 0);
        const colour = order.colours[k];
        fields[0][at] += 1;
        fields[1][at] += colour & 255;
        fields[2][at] += (colour >> 8) & 255;
        fields[3][at] += (colour >> 16) & 255;
      }
      n += end - starts[0];
    }
    // Wide where papers are few, but not where they are so few that they make no region.
    const radius = Math.max(2, Math.min(7, Math.ceil(Math.sqrt(n)), Math.round(11 * Math.pow(Math.max(n, 1), -0.17))));
    for (const field of fields) smooth(field, GROUND_SIDE, radius);
    this.shade(fields, FULL_GLOW * peakOf(radius), ink);
  }

  shade([weight, ...channels], least, ink) {
    let total = 0;
    let squares = 0;
    for (let c = 0; c < weight.length; c++) { total += weight[c]; squares += weight[c] * weight[c]; }
    const typical = Math.max(least, total > 0 ? squares / total : 0); // the density around a typical paper
    for (let c = 0; c < weight.length; c++) {
      const isTinted = weight[c] > 1e-6;
      this.strength[c] = isTinted ? ink.groundStrength * (1 - Math.exp((-2.2 * weight[c]) / typical)) : 0;
      this.tint[c] = isTinted ? packed(channels.map((channel) => channel[c] / weight[c])) : 0;
    }
  }

  // Begins a picture: the tints over a ground, which fade close up, where the blur says nothing any
  // more and leaves the points alone.
  mix(ground, zoom) {
    const fade = Math.max(0.25, Math.min(1, 1.25 - zoom / 24));
    for (let c = 0; c < this.mixed.length; c++) this.mixed[c] = mixedColour(ground, this.tint[c], Math.round(256 * fade * this.strength[c]));
  }

  // Fills rows of a sheet (see PointPass), `from` an even one, between the four cells around each pixel.
  // Blocks of 2 x 2 pixels are alike: nobody sees it in what is so smooth, and it takes a quarter.
  fillRows(sheet, from, to) {
    const { pixels, width, scale, originX, originY } = sheet;
    const perPixel = GROUND_SIDE / (1 + 2 * GROUND_MARGIN) / scale;
    const cellAt = (pixel, origin) => (pixel + 1 - origin) * perPixel + (GROUND_MARGIN * GROUND_SIDE) / (1 + 2 * GROUND_MARGIN) - 0.5;
    const step = Math.round(2 * perPixel * 65536);
    const limit = (GROUND_SIDE - 2) * 65536;
    const { line } = this;
    for (let row = from; row < to; row += 2) {
      this.readLine(Math.max(0, Math.min(GROUND_SIDE - 1.001, cellAt(row, originY))));
      const begin = row * width;
      const end = begin + width;
      let u = Math.round(Math.max(-1e4, Math.min(1e4, cellAt(0, originX))) * 65536);
      for (let at = begin; at < end; at += 2, u += step) {
        const inside = u < 0 ? 0 : u > limit ? limit : u;
        const c = inside >> 16;
        pixels[at] = pixels[at + 1] = 0xff000000 | mixedColour(line[c], line[c + 1], (inside >> 8) & 255);
      }
      if (row + 1 < to) pixels.copyWithin(end, begin, end);
    }
  }

  // The line of cells at a height between two of them.
  readLine(v) {
    const { line } = this;
    const upper = Math.floor(v) * GROUND_SIDE;
    const share = Math.round((v - Math.floor(v)) * 256);
    for (let c = 0; c < GROUND_SIDE; c++) line[c] = mixedColour(this.mixed[upper + c], this.mixed[upper + GROUND_SIDE + c], share);
  }
}

// `share`/256 of the second colour in the first.
function mixedColour(one, other, share) {
  const rest = 256 - share;
  return (
    (((Math.imul(one & 0xff00ff, rest) + Math.imul(other & 0xff00ff, share)) >>> 8) & 0xff00ff) |
    (((Math.imul(one & 0x00ff00, rest) + Math.imul(other & 0x00ff00, share)) >>> 8) & 0x00ff00)
  );
}
