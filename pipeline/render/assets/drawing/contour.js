// A soft line around the papers of a theme: a contour of their density. Drawn over the points.

import { atlas } from "../data/atlas.js";
import { smooth } from "./density.js";
import { state } from "../state.js";

const SIDE = 112; // cells of the grid, on which a theme and a margin around it lie
const MARGIN = 18;
const WITHIN = 0.15; // of the papers lie outside the line: those that are far from all others
const WIDEST = 0.02; // of the unit square: a blur's reach on one side in one of its passes
const STRAYS = 0.04; // of the papers, at each side, that the grid need not reach
const LEAST_WIDTH = 0.03; // of the unit square, for a theme at one place

export class Contours {
  constructor() {
    this.paths = new Map(); // theme index -> Path2D in the unit square
  }

  // Around the theme that is pointed at, else around the one that is shown alone.
  draw(context, camera, ink) {
    const { highlight } = state;
    const theme = atlas.themes[highlight && highlight.theme !== undefined ? highlight.theme : state.theme];
    const path = theme && this.pathOf(theme);
    if (!path) return;
    const { scale } = camera;
    context.save();
    context.transform(scale, 0, 0, scale, camera.screenX(0), camera.screenY(0));
    context.lineJoin = "round";
    context.fillStyle = context.strokeStyle = ink.pointCss(theme);
    context.globalAlpha = 0.08;
    context.fill(path, "evenodd");
    for (const [width, alpha] of [[6, 0.14], [1.6, 0.9]]) {
      context.lineWidth = width / scale;
      context.globalAlpha = alpha;
      context.stroke(path);
    }
    context.restore();
  }

  pathOf(theme) {
    if (!this.paths.has(theme.index)) this.paths.set(theme.index, contourOf(theme));
    return this.paths.get(theme.index);
  }
}

function contourOf(theme) {
  const row = atlas.themeOf[theme.layer];
  const rows = [];
  for (let i = 0; i < row.length; i++) if (row[i] === theme.index + 1) rows.push(i);
  if (!rows.length) return null;
  const frame = frameOf(rows);
  const field = new Float32Array(SIDE * SIDE);
  const all = new Float32Array(SIDE * SIDE);
  const cells = rows.map((i) => frame.cell(atlas.x[i], atlas.y[i])).filter((cell) => cell >= 0);
  for (const cell of cells) field[cell] += 1;
  for (let i = 0; i < atlas.n; i++) {
    const cell = frame.cell(atlas.x[i], atlas.y[i]);
    if (cell >= 0) all[cell] += 1;
  }
  const radius = Math.max(2, Math.min(9, Math.round(14 * Math.pow(rows.length, -0.2)), Math.round(WIDEST / frame.size)));
  smooth(field, SIDE, radius);
  smooth(all, SIDE, radius);
  // The theme's density, less where it has only a part of the papers: the line goes where it prevails.
  for (let cell = 0; cell < field.length; cell++) if (all[cell] > 0) field[cell] *= Math.min(1, field[cell] / all[cell]);
  const heights = cells.map((cell) => field[cell]).sort((a, b) => a - b);
  // Where the papers lie in heaps, those between the heaps do not lower the line around them.
  const level = Math.max(0.55 * heights[Math.floor(WITHIN * heights.length)], 0.15 * heights[heights.length >> 1]);
  return pathAlong(field, level, frame);
}

// From the least to the greatest but for strays.
function spanOf(values) {
  const sorted = Float64Array.from(values).sort();
  const strays = Math.floor(STRAYS * sorted.length);
  return [sorted[strays], sorted[sorted.length - 1 - strays]];
}

// The square of the map that a theme's grid covers.
function frameOf(rows) {
  const [left, right] = spanOf(rows.map((i) => atlas.x[i]));
  const [top, bottom] = spanOf(rows.map((i) => atlas.y[i]));
  const width = Math.max(right - left, bottom - top, LEAST_WIDTH);
  const size = width / (SIDE - 2 * MARGIN);
  const x0 = (left + right) / 2 - (size * SIDE) / 2;
  const y0 = (top + bottom) / 2 - (size * SIDE) / 2;
  const place = (v, from) => Math.floor((v - from) / size);
  const isOn = (k) => k >= 0 && k < SIDE;
  return {
    size, // of a cell, in the unit square
    // -1 beside the grid
    cell: (x, y) => {
      const [column, line] = [place(x, x0), place(y, y0)];
      return isOn(column) && isOn(line) ? line * SIDE + column : -1;
    },
    x: (column) => x0 + (column + 0.5) * size,
    y: (line) => y0 + (line + 0.5) * size,
  };
}

// Marching squares: the closed lines on which a field has a level, rounded at their corners.
function pathAlong(field, level, frame) {
  const next = crossings(field, level);
  const path = new Path2D();
  while (next.size) {
    const [start] = next.keys();
    const ring = [];
    for (let at = start; next.has(at);) { ring.push(at); const to = next.get(at); next.delete(at); at = to; }
    const points = ring.map((edge) => pointOn(edge, field, level, frame));
    const middle = (k) => points[k].map((v, axis) => (v + points[(k + 1) % points.length][axis]) / 2);
    path.moveTo(...middle(points.length - 1));
    for (let k = 0; k < points.length; k++) path.quadraticCurveTo(...points[k], ...middle(k));
    path.closePath();
  }
  return path;
}

// From each edge of the grid that the line crosses to the one that it crosses next. An edge is
// 2 * cell for the one to the right of a cell's centre and 2 * cell + 1 for the one below it.
function crossings(field, level) {
  const next = new Map();
  for (let y = 0; y + 1 < SIDE; y++) {
    for (let x = 0; x + 1 < SIDE; x++) {
      const at = y * SIDE + x;
      const inside = [at, at + 1, at + SIDE + 1, at + SIDE].map((cell) => field[cell] > level);
      const edges = [2 * at, 2 * (at + 1) + 1, 2 * (at + SIDE), 2 * at + 1]; // above, right, below, left
      // Walked with the inside on the right hand; of a saddle each corner is gone around alone.
      const enters = [];
      for (let k = 0; k < 4; k++) if (!inside[k] && inside[(k + 1) % 4]) enters.push(k);
      for (const k of enters) {
        let leave = k;
        do leave = (leave + 1) % 4; while (inside[(leave + 1) % 4]);
        next.set(edges[k], edges[leave]);
      }
    }
  }
  return next;
}

function pointOn(edge, field, level, frame) {
  const cell = edge >> 1;
  const [x, y] = [cell % SIDE, Math.floor(cell / SIDE)];
  const other = edge & 1 ? cell + SIDE : cell + 1;
  const part = (level - field[cell]) / (field[other] - field[cell]);
  return edge & 1 ? [frame.x(x), frame.y(y + part)] : [frame.x(x + part), frame.y(y)];
}
