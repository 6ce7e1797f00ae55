// What the map must say for itself: lines from the open paper to its true nearest papers, so that
// one sees at once where they lie, and a mark on papers that were placed far from theirs.

import { atlas } from "../data/atlas.js";
import { focus } from "../data/focus.js";
import { isFar, lazy } from "../data/lazy.js";
import { boundsOf, margins } from "./camera.js";
import { pointRadius } from "./points.js";
import { follow, state } from "../state.js";

const CLOSEST = 12; // zoom at which near papers are framed at most

export class Ties {
  constructor(scene) {
    this.scene = scene;
    this.nearest = []; // {row, similarity} of the open paper
    this.emphasised = -1;
    this.preservation = null; // until it is unpacked nothing is marked
    this.colour = "";
    scene.overlays.push(this);
    scene.base.coats.push(this);
    follow(["paper"], () => this.load());
    follow(["far"], () => this.showFar());
    follow(["mode", "contrast"], () => { this.colour = ""; });
    lazy.preservation().then((preservation) => { this.preservation = preservation; this.showFar(); });
  }

  async load() {
    const paper = state.paper;
    this.nearest = [];
    this.emphasised = -1;
    if (paper < 0) return;
    const { k, rows, similarities } = await lazy.neighbors();
    if (paper !== state.paper) return;
    for (let r = paper * k; r < (paper + 1) * k; r++) {
      if (rows[r] >= 0) this.nearest.push({ row: rows[r], similarity: similarities[r] });
    }
    this.scene.request();
  }

  showFar() {
    this.scene.base.repaint();
    this.scene.request();
  }

  // The line and the point of a nearest paper, or of none for -1.
  emphasise(row) {
    this.emphasised = row;
    this.scene.request();
  }

  // Moves the map so that the open paper and its nearest are all seen.
  frame() {
    const { scene } = this;
    const inset = margins(scene.camera);
    for (const side of Object.keys(inset)) inset[side] += scene.inset[side];
    const rows = [state.paper, ...this.nearest.map(({ row }) => row)];
    scene.flyTo(scene.camera.viewOf(boundsOf(rows), inset, CLOSEST));
  }

  isMisplaced(i) {
    return i >= 0 && this.preservation !== null && isFar(this.preservation[i]);
  }

  // Over the points, under the marks and names.
  draw(context, camera, ink) {
    if (state.paper >= 0) {
      for (const near of this.nearest) if (near.row !== this.emphasised) this.drawTie(context, camera, ink, near, false);
      const chosen = this.nearest.find((near) => near.row === this.emphasised);
      if (chosen) this.drawTie(context, camera, ink, chosen, true);
    }
  }

  drawTie(context, camera, ink, { row, similarity }, strong) {
    const [x, y] = [camera.screenX(atlas.x[row]), camera.screenY(atlas.y[row])];
    context.beginPath();
    context.moveTo(camera.screenX(atlas.x[state.paper]), camera.screenY(atlas.y[state.paper]));
    context.lineTo(x, y);
    context.lineWidth = strong ? 5 : 3.4;
    context.strokeStyle = ink.halo;
    context.stroke();
    context.strokeStyle = strong ? ink.line : this.scene.base.styles.css(row);
    context.lineWidth = strong ? 2.4 : 1.4;
    context.globalAlpha = strong ? 1 : 0.35 + 0.5 * similarity;
    context.stroke();
    context.globalAlpha = 1;
    const radius = Math.max(pointRadius(camera), 2.6) + (strong ? 2.5 : 0.6);
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.fillStyle = this.scene.base.styles.css(row);
    context.fill();
    context.lineWidth = strong ? 2 : 1;
    context.strokeStyle = strong ? ink.line : ink.groundCss;
    context.stroke();
  }

  // Over the marks: a sign beside the open paper and the one under the pointer.
  drawSigns(context, camera, ink) {
    for (const i of new Set([this.scene.hovered, state.paper])) {
      if (this.isMisplaced(i)) this.drawSign(context, camera.screenX(atlas.x[i]) + 11, camera.screenY(atlas.y[i]) - 11, ink);
    }
  }

  drawSign(context, x, y, ink) {
    context.beginPath();
    context.moveTo(x, y - 7);
    context.lineTo(x + 8, y + 6);
    context.lineTo(x - 8, y + 6);
    context.closePath();
    context.lineJoin = "round";
    context.lineWidth = 5;
    context.strokeStyle = ink.groundCss;
    context.stroke();
    context.lineWidth = 2;
    context.strokeStyle = this.warning;
    context.fillStyle = this.warning;
    context.stroke();
    context.fill();
    context.fillStyle = ink.groundCss;
    context.fillRect(x - 0.9, y - 2.6, 1.8, 4.6);
    context.fillRect(x - 0.9, y + 3, 1.8, 1.8);
  }

  get warning() {
    this.colour = this.colour || getComputedStyle(document.documentElement).getPropertyValue("--warning").trim();
    return this.colour;
  }

  // With the points: a ring around each misplaced paper in focus, where the reader asked for them.
  drawCoat(context, { left, top, width, height, ratio, scale, radius: pointSize }) {
    if (!state.far || !this.preservation) return;
    const radius = Math.max(pointSize + 1.8, 3.4);
    context.beginPath();
    for (let i = 0; i < atlas.n; i++) {
      if (!isFar(this.preservation[i]) || !focus.includes(i)) continue;
      const [x, y] = [(atlas.x[i] - left) * scale, (atlas.y[i] - top) * scale];
      if (x < 0 || y < 0 || x * ratio > width || y * ratio > height) continue;
      context.moveTo(x + radius, y);
      context.arc(x, y, radius, 0, 2 * Math.PI);
    }
    context.lineWidth = 1.3;
    context.strokeStyle = this.warning;
    context.stroke();
  }
}
