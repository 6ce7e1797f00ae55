// What the page carries: points, themes and their tree, as typed arrays. Texts: see texts.js; what is
// unpacked only when it is asked for: lazy.js.

import { PlaneReader, unpackBytes, unpackJson } from "./blocks.js";

export function rgbOf(hex) {
  const value = parseInt(hex.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

// Layer 0 is the finest. `themeOf[layer][i]` is 0 for an unassigned paper, else 1 + the theme's
// place in `themes`; a theme's `children` are places too.
async function loadAtlas() {
  const [fields, bytes] = await Promise.all([unpackJson("atlas-map"), unpackBytes("atlas-points")]);
  const themes = fields.themes.map((theme, index) => ({ ...theme, index, children: [] }));
  for (const theme of themes) {
    if (theme.parent >= 0) themes[theme.parent].children.push(theme.index);
  }
  const { n, nLayers } = fields;
  const reader = new PlaneReader(bytes);
  return {
    n,
    x: Float32Array.from(reader.numbers(new Uint16Array(n), 2), (v) => v / 65535),
    y: Float32Array.from(reader.numbers(new Uint16Array(n), 2), (v) => v / 65535),
    strengths: reader.next(n),
    fringeBelow: fields.fringeBelow * 255,
    farBelow: fields.farBelow * 255, // of `lazy.preservation()`
    themes,
    themeOf: layersFrom(reader, themes, n, nLayers),
    nLayers,
    defaultLayer: fields.defaultLayer,
    columns: fields.columns,
    columnsLeftOut: fields.columnsLeftOut,
    palette: fields.palette,
    chunkSize: fields.chunkSize,
  };
}

// Each layer but the finest is told by where it differs from the parents of the one before.
function layersFrom(reader, themes, n, nLayers) {
  const parents = Uint16Array.from([0, ...themes.map((theme) => theme.parent + 1)]);
  const layers = [];
  for (let layer = 0; layer < nLayers; layer++) {
    const row = reader.numbers(new Uint16Array(n), 2);
    const finer = layers[layer - 1];
    if (finer) for (let i = 0; i < n; i++) row[i] ^= parents[finer[i]];
    layers.push(row);
  }
  return layers;
}

export const atlas = await loadAtlas();

// The theme of paper i in a layer, or null.
export function themeAt(i, layer) {
  const row = atlas.themeOf[layer];
  return row && row[i] ? atlas.themes[row[i] - 1] : null;
}

const papers = new Map(); // of the themes that were asked for

// Papers of a theme, strongest members first, as row numbers; they are kept, and not to be changed.
export function papersOf(theme) {
  if (!papers.has(theme)) {
    const row = atlas.themeOf[theme.layer];
    const rows = [];
    for (let i = 0; i < atlas.n; i++) if (row[i] === theme.index + 1) rows.push(i);
    papers.set(theme, rows.sort((a, b) => atlas.strengths[b] - atlas.strengths[a] || a - b));
  }
  return papers.get(theme);
}

export function isWithin(theme, ancestor) {
  for (let t = theme; t; t = t.parent >= 0 ? atlas.themes[t.parent] : null) if (t === ancestor) return true;
  return false;
}

// A theme that goes on unchanged into the next finer layer is one theme with one name.
export function repeatsParent(theme) {
  if (theme.parent < 0) return false;
  const parent = atlas.themes[theme.parent];
  return theme.name === parent.name || theme.size >= 0.95 * parent.size;
}

// All numbers below n in an order that is the same each time and has little to do with their own: steps
// of the golden ratio, made coprime with n.
function* scattered(n) {
  const gcd = (a, b) => (b ? gcd(b, a % b) : a);
  let step = Math.max(1, Math.round(n * 0.618034));
  while (n && gcd(n, step) !== 1) step++;
  for (let k = 0, i = 0; k < n; k++, i = (i + step) % n) yield i;
}

// A uniform grid over the unit square: which papers lie near a place, without a look at all.
class PointGrid {
  constructor(x, y) {
    this.side = Math.max(1, Math.min(512, Math.round(Math.sqrt(x.length / 3))));
    const cellOf = (i) => this.cell(x[i]) + this.side * this.cell(y[i]);
    this.starts = new Uint32Array(this.side * this.side + 1);
    for (let i = 0; i < x.length; i++) this.starts[cellOf(i) + 1]++;
    for (let c = 0; c < this.side * this.side; c++) this.starts[c + 1] += this.starts[c];
    const next = this.starts.slice();
    // Scattered within a cell: as the table has them, the last venue would lie on top of all others.
    this.rows = new Uint32Array(x.length);
    for (const i of scattered(x.length)) this.rows[next[cellOf(i)]++] = i;
  }

  cell(v) {
    return Math.max(0, Math.min(this.side - 1, Math.floor(v * this.side)));
  }

  // The paper nearest to (x, y) within `reach`, or -1; of papers at one place the last drawn.
  nearest(x, y, reach, accept = () => true) {
    let best = -1;
    let least = reach * reach;
    for (let row = this.cell(y - reach); row <= this.cell(y + reach); row++) {
      for (let column = this.cell(x - reach); column <= this.cell(x + reach); column++) {
        const cell = row * this.side + column;
        for (let k = this.starts[cell]; k < this.starts[cell + 1]; k++) {
          const i = this.rows[k];
          const squared = (atlas.x[i] - x) ** 2 + (atlas.y[i] - y) ** 2;
          if (squared <= least && accept(i)) { best = i; least = squared; }
        }
      }
    }
    return best;
  }
}

export const grid = new PointGrid(atlas.x, atlas.y);
