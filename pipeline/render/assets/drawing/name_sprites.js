// How names look: type by layer and size, set in lines, and drawn once with a halo to be copied from
// then on, for text with an outline is slow to draw.

import { atlas } from "../data/atlas.js";

const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "DejaVu Sans", sans-serif';
export const HALO = 3;
const LINE_HEIGHT = 1.16;
const MAX_LINES = 4;
const MAX_EMS = 19; // of a line, before a name is set in more lines

// Regions are set as on a geographic map: large spaced capitals. Below them the type gets smaller and
// lighter from layer to layer, and within a layer it grows with the theme.
function nameStyle(theme, camera, isRegion) {
  const room = Math.max(0.88, Math.min(1.35, Math.sqrt(Math.min(camera.width, camera.height * 1.4) / 900)));
  const share = Math.sqrt(theme.size / Math.max(1, largestOf(theme.layer)));
  const sized = (size) => Math.round(size * room * textScale() * 2) / 2;
  if (isRegion) {
    const size = sized(12 + 6 * share);
    return { size, weight: 600, spacing: Math.round(size * 1.4) / 10, capitals: true };
  }
  if (theme.layer >= atlas.defaultLayer) return { size: sized(12 + 4 * share), weight: 600, spacing: 0, capitals: false };
  return { size: sized(11 + 1.5 * share), weight: 500, spacing: 0, capitals: false };
}

// How much larger than usual the reader has set the text of pages.
function textScale() {
  return Math.max(0.75, Math.min(2, parseFloat(getComputedStyle(document.documentElement).fontSize) / 16 || 1));
}

const largestSizes = new Map();
function largestOf(layer) {
  if (!largestSizes.has(layer)) largestSizes.set(layer, atlas.themes.reduce((most, t) => (t.layer === layer ? Math.max(most, t.size) : most), 1));
  return largestSizes.get(layer);
}

// A text in at most MAX_LINES lines of at most that width, as even as they come. A word wider than
// that is broken; what is left over shows as an ellipsis, and in full in the tree of themes.
function setInLines(text, width, measure) {
  const words = text.split(" ").flatMap((word) => (measure(word) > width ? brokenWord(word, width, measure) : [word]));
  const rows = filled(words, width, measure);
  const even = filled(words, Math.max(...words.map(measure), (1.05 * measure(text)) / rows.length), measure);
  const lines = even.length === rows.length ? even : rows;
  return lines.length <= MAX_LINES ? lines : [...lines.slice(0, MAX_LINES - 1), `${lines[MAX_LINES - 1]}…`];
}

function filled(words, width, measure) {
  const lines = [words[0]];
  for (const word of words.slice(1)) {
    const longer = `${lines[lines.length - 1]} ${word}`;
    if (measure(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

function brokenWord(word, width, measure) {
  const parts = [""];
  for (const letter of word) {
    if (parts[parts.length - 1] && measure(parts[parts.length - 1] + letter) > width) parts.push("");
    parts[parts.length - 1] += letter;
  }
  return parts;
}

export class NameSprites {
  constructor() {
    this.sprites = new Map();
    this.context = document.createElement("canvas").getContext("2d");
  }

  clear() {
    this.sprites.clear();
  }

  // The name set in lines, with the size of its box; it is drawn when it is first shown.
  of(theme, isRegion, camera, ratio) {
    const key = `${theme.index}/${isRegion}`;
    if (!this.sprites.has(key)) this.sprites.set(key, this.measured(theme, nameStyle(theme, camera, isRegion), camera, ratio));
    return this.sprites.get(key);
  }

  measured(theme, style, camera, ratio) {
    const lines = this.linesOf(theme, style, camera);
    const box = this.inkBox(lines, style);
    const w = Math.ceil(2 * (box.half + HALO) * ratio) / ratio;
    const h = Math.ceil((box.bottom - box.top + 2 * HALO) * ratio) / ratio;
    return { theme, style, lines, first: HALO - box.top, w, h, ratio, canvas: null };
  }

  picture(sprite, ink) {
    if (!sprite.canvas) sprite.canvas = drawn(sprite, ink);
    return sprite.canvas;
  }

  linesOf(theme, style, camera) {
    prepare(this.context, style);
    const measure = (text) => this.context.measureText(text).width;
    const width = Math.max(4 * style.size, Math.min(MAX_EMS * style.size, 0.8 * camera.width));
    const lines = theme.lines.map((line) => (style.capitals ? line.toLocaleUpperCase("en") : line));
    return lines.every((line) => measure(line) <= width) ? lines : setInLines(lines.join(" "), width, measure);
  }

  // What the letters cover, with a pixel more for what is drawn between pixels, around the middle of the first line's baseline. Scripts that stack marks
  // reach beyond what is usual; names of one line are equally high where nothing does.
  inkBox(lines, style) {
    prepare(this.context, style);
    const box = { half: 1, top: -0.74 * style.size, bottom: 0 };
    lines.forEach((line, k) => {
      const m = this.context.measureText(line);
      const baseline = k * style.size * LINE_HEIGHT;
      box.half = Math.max(box.half, Math.ceil(m.actualBoundingBoxLeft) + 1, Math.ceil(m.actualBoundingBoxRight) + 1);
      box.top = Math.min(box.top, Math.floor(baseline - m.actualBoundingBoxAscent) - 1);
      box.bottom = Math.max(box.bottom, baseline + 0.2 * style.size, Math.ceil(baseline + m.actualBoundingBoxDescent) + 1);
    });
    return box;
  }
}

function drawn({ theme, style, lines, first, w, h, ratio }, ink) {
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(w * ratio);
  canvas.height = Math.round(h * ratio);
  const context = canvas.getContext("2d");
  context.scale(ratio, ratio);
  prepare(context, style);
  context.lineJoin = "round";
  context.lineWidth = 2 * HALO - 1; // a rim of half a pixel stays free for what smoothing adds
  context.strokeStyle = ink.halo;
  context.fillStyle = ink.name(theme);
  const baseline = (k) => first + k * style.size * LINE_HEIGHT;
  lines.forEach((line, k) => context.strokeText(line, w / 2, baseline(k)));
  lines.forEach((line, k) => context.fillText(line, w / 2, baseline(k)));
  return canvas;
}

function prepare(context, style) {
  context.font = `${style.weight} ${style.size}px ${FONT}`;
  if ("letterSpacing" in context) context.letterSpacing = `${style.spacing}px`;
  context.textAlign = "center";
  context.textBaseline = "alphabetic";
}
