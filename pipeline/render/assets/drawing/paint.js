// Which colour each paper has: its theme's, or that of its year or of its value in a column.

import { atlas, rgbOf } from "../data/atlas.js";
import { NO_YEAR, columns } from "../data/columns.js";
import { packed } from "./points.js";
import { change, follow, state } from "../state.js";

const N_NAMED = atlas.palette.categories.light.length;
const N_SCALE = atlas.palette.scale.light.length;
const TAIL = 0.025; // share of papers at either end of a scale that may lie beyond it

// `codes[i]` is a paper's place in the table of colours, 0 for papers that have none.
class ThemePaint {
  constructor() {
    this.name = "theme";
    this.codes = atlas.themeOf[atlas.defaultLayer] || new Uint16Array(atlas.n);
  }

  css(ink) {
    return [null, ...atlas.themes.map((theme) => (theme.colours ? ink.pointCss(theme) : null))];
  }
}

// A few odd years must not squeeze all others into one colour: the scale ends where 95% of the
// papers do, and equal steps of colour are equal numbers of papers, so that crowded years differ.
class YearPaint {
  constructor(column) {
    this.name = column.name;
    this.column = column;
    const { counts, nNone, first, last } = column;
    const tail = Math.floor(TAIL * (atlas.n - nNone));
    this.low = outermost(counts, first, 1, tail);
    this.high = outermost(counts, last, -1, tail);
    this.parts = ranks(counts, this.low, this.high);
    this.codes = new Uint8Array(atlas.n);
    for (let i = 0; i < atlas.n; i++) this.codes[i] = column.numbers[i] === NO_YEAR ? 0 : 1 + this.place(column.numbers[i]);
  }

  // Where a year lies on the scale of colours.
  place(year) {
    return Math.round(this.parts[Math.max(this.low, Math.min(this.high, year)) - this.low] * (N_SCALE - 1));
  }

  css(ink) {
    return [null, ...atlas.palette.scale.light.map((_, k) => ink.css(atlas.palette.scale, k))];
  }
}

function outermost(counts, year, step, tail) {
  let passed = 0;
  for (;; year += step) {
    passed += counts.get(year) || 0;
    if (passed > tail) return year;
  }
}

// Of each year from low to high the share of papers before the middle of its own, from 0 to 1.
function ranks(counts, low, high) {
  if (low === high) return [0.5];
  const sizes = Array.from({ length: high - low + 1 }, (_, k) => counts.get(low + k) || 0);
  for (const [year, size] of counts) {
    if (year < low) sizes[0] += size;
    if (year > high) sizes[high - low] += size;
  }
  let before = 0;
  const middles = sizes.map((size) => (before += size) - size / 2);
  const [start, end] = [middles[0], middles[high - low]];
  return middles.map((middle) => (middle - start) / (end - start));
}

class CategoryPaint {
  constructor(column) {
    this.name = column.name;
    this.column = column;
    const nListed = column.values.length - (column.nOthers ? 1 : 0);
    this.nNamed = column.isOrdered ? nListed : Math.min(N_NAMED, nListed);
    this.codes = new Uint8Array(atlas.n);
    for (let i = 0; i < atlas.n; i++) this.codes[i] = Math.min(column.codes[i], this.nNamed + 1);
  }

  css(ink) {
    const { palette } = atlas;
    const named = Array.from({ length: this.nNamed }, (_, k) => (this.column.isOrdered
      ? ink.css(palette.scale, Math.round((k / Math.max(1, this.nNamed - 1)) * (N_SCALE - 1)))
      : ink.css(palette.categories, k)));
    return [null, ...named, ink.css(palette.other, 0)];
  }
}

let current = new ThemePaint();

export function paintNow() {
  return current;
}

// The colours of a paint's codes as packed pixels.
export function tableOf(paint, ink) {
  return Uint32Array.from(paint.css(ink), (css) => packed(css ? rgbOf(css) : ink.quiet));
}

async function repaint() {
  const { colourBy } = state;
  const column = colourBy === "theme" ? null : await columns.load(colourBy);
  if (state.colourBy !== colourBy) return; // something else was chosen meanwhile
  if (!column) current = new ThemePaint();
  else current = column.kind === "number" ? new YearPaint(column) : new CategoryPaint(column);
  change({ painted: state.painted + 1 });
}

export function connectPaint() {
  follow(["colourBy"], repaint);
  if (state.colourBy !== "theme") repaint();
}
