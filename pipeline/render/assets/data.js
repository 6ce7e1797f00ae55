// What the page carries: points, themes and their tree, as typed arrays. Texts: see texts.js.

function bytesOf(base64) {
  const binary = atob(base64);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

function wordsOf(base64) {
  return new Uint16Array(bytesOf(base64).buffer);
}

function unitFloats(base64) {
  return Float32Array.from(wordsOf(base64), (v) => v / 65535);
}

function rgbOf(hex) {
  const value = parseInt(hex.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

// Layer 0 is the finest. `themeOf[layer][i]` is 0 for an unassigned paper, else 1 + the theme's
// place in `themes`; a theme's `children` are places too.
function loadAtlas() {
  const fields = JSON.parse(document.getElementById("atlas-map").textContent);
  const themes = fields.themes.map((theme, index) => ({ ...theme, index, children: [] }));
  for (const theme of themes) {
    if (theme.parent >= 0) themes[theme.parent].children.push(theme.index);
  }
  return {
    title: fields.title,
    n: fields.n,
    x: unitFloats(fields.x),
    y: unitFloats(fields.y),
    strengths: bytesOf(fields.strengths),
    fringeBelow: fields.fringeBelow * 255,
    themes,
    themeOf: fields.themeOf.map(wordsOf),
    nLayers: fields.nLayers,
    defaultLayer: fields.defaultLayer,
  };
}

const atlas = loadAtlas();

// The theme of paper i in a layer, or null.
function themeAt(i, layer) {
  const row = atlas.themeOf[layer];
  return row && row[i] ? atlas.themes[row[i] - 1] : null;
}

// Papers of a theme, strongest members first, as row numbers.
function papersOf(theme) {
  const row = atlas.themeOf[theme.layer];
  const rows = [];
  for (let i = 0; i < atlas.n; i++) if (row[i] === theme.index + 1) rows.push(i);
  return rows.sort((a, b) => atlas.strengths[b] - atlas.strengths[a] || a - b);
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
    this.rows = new Uint32Array(x.length);
    for (let i = 0; i < x.length; i++) this.rows[next[cellOf(i)]++] = i;
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

const grid = new PointGrid(atlas.x, atlas.y);
