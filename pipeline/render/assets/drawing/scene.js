// What is seen: the base of ground and points, and over it the names and the marks of the chosen papers.

import { atlas, grid } from "../data/atlas.js";
import { focus } from "../data/focus.js";
import { Base } from "./base.js";
import { Camera } from "./camera.js";
import { inkNow } from "./ink.js";
import { NameLayer } from "./names.js";
import { pointRadius } from "./points.js";
import { follow, state } from "../state.js";

const SETTLE_MS = 120;
const FLIGHT_MS = 420;
const BASE_MS = 7; // of a frame for the base: the copy and the names need the rest of 16
const stillWanted = matchMedia("(prefers-reduced-motion: reduce)");

export class Scene {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d", { alpha: false });
    this.base = new Base();
    this.camera = new Camera();
    this.names = new NameLayer();
    this.hovered = -1;
    this.inset = { left: 0, right: 0, top: 0, bottom: 0 };
    this.obstacles = [];
    this.overlays = []; // drawn over the points at each frame: `draw(context, camera, ink)`, and `drawSigns` over the marks
    this.atRest = []; // called when nothing moves any more
    this.flight = null;
    this.restyle = true;
    this.requested = 0;
    this.held = false;
    this.movedAt = -Infinity;
    this.frameTimes = [];
    this.opened = { drawn: 0, usable: 0 }; // when the first frame and the first rest were, on the page's clock
    this.relight = false;
    follow(["focus"], () => this.refocus());
    follow(["painted"], () => { this.names.sprites.clear(); this.refocus(); });
    follow(["highlight"], () => { this.relight = true; this.request(); });
    follow(["mode", "contrast"], () => { this.names.sprites.clear(); this.refocus(); });
    follow(["paper"], () => this.request());
  }

  get ink() {
    return inkNow();
  }

  refocus() {
    this.restyle = true;
    this.rested = false;
    this.request();
  }

  // The picture at rest, at once and with so many pixels for one of the page; it is kept as it is,
  // whatever the page's layout does, until it is released.
  hold(ratio) {
    this.held = false;
    this.resize(ratio);
    this.flight = null;
    this.movedAt = -Infinity;
    this.frame(Infinity);
    this.held = true;
  }

  release() {
    this.held = false;
    this.resize();
  }

  resize(ratio = Math.min(3, window.devicePixelRatio || 1)) {
    if (this.held) return;
    const box = this.canvas.getBoundingClientRect();
    this.ratio = ratio;
    this.canvas.width = Math.max(1, Math.round(box.width * this.ratio));
    this.canvas.height = Math.max(1, Math.round(box.height * this.ratio));
    const first = this.camera.width <= 1;
    this.camera.resize(box.width, box.height);
    if (first || this.camera.zoom < 1.001) this.camera.set(this.camera.homeView());
    this.names.sprites.clear();
    this.base.clear();
    this.moved();
  }

  // Names stay inside: away from the edges and from what lies over the map.
  nameBounds() {
    const { left, right, top, bottom } = this.inset;
    return { left: 6 + left, top: 6 + top, right: this.camera.width - 6 - right, bottom: this.camera.height - 6 - bottom };
  }

  moveTo(view) {
    this.flight = null;
    this.camera.set(view);
    this.moved();
  }

  moved() {
    this.movedAt = performance.now();
    this.rested = false;
    this.request();
  }

  // Glides to a view; at once where the system asks for less motion.
  flyTo(view) {
    if (stillWanted.matches) { this.moveTo(view); return; }
    const { x, y, scale } = this.camera;
    this.flight = { from: { x, y, scale }, to: view, start: performance.now() };
    this.moved();
  }

  advanceFlight(now) {
    const { from, to, start } = this.flight;
    const t = Math.min(1, Math.max(0, (now - start) / FLIGHT_MS));
    const ease = t < 0.5 ? 4 * t ** 3 : 1 - (2 - 2 * t) ** 3 / 2;
    const scale = from.scale * Math.pow(to.scale / from.scale, ease);
    // Where the scale changes, the middle moves as fast as the scale does: the target stays in sight.
    const part = Math.abs(to.scale - from.scale) < 1e-6 * to.scale
      ? ease
      : (1 / from.scale - 1 / scale) / (1 / from.scale - 1 / to.scale);
    this.camera.set({ x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part, scale });
    this.movedAt = now;
    this.rested = false;
    if (t >= 1) this.flight = null;
  }

  request() {
    if (!this.requested) this.requested = requestAnimationFrame(() => this.frame(BASE_MS));
  }

  // Draws one frame; the base is worked at for so long.
  frame(baseMs) {
    this.requested = 0;
    const start = performance.now();
    if (this.flight) this.advanceFlight(start);
    const resting = !this.flight && start - this.movedAt >= SETTLE_MS;
    const isDrawn = this.drawBase(start + baseMs);
    const placing = !this.rested;
    if (placing) this.placeNames(resting);
    this.names.follow(this.camera, this.nameBounds(), this.obstacles);
    const fading = this.names.fade(start, stillWanted.matches);
    this.drawNames();
    this.rested = resting;
    const end = performance.now();
    this.frameTimes.push(end - start);
    this.opened.drawn ||= end;
    if (this.frameTimes.length > 600) this.frameTimes.shift();
    if (this.flight || fading || !resting || !isDrawn) this.request();
    else {
      this.opened.usable ||= end;
      for (const act of this.atRest) act();
      if (this.onRest) this.onRest();
    }
  }

  placeNames(resting) {
    this.names.place(this.camera, this.nameBounds(), this.obstacles, atlas.themes[state.theme] || null, this.ratio, resting);
  }

  // Works at the base until the deadline and copies what there is; true when that is all there will be.
  drawBase(deadline) {
    const { base, camera, ratio, ink } = this;
    // The ground stays as it is while something is highlighted: a moment is not worth its cost.
    if (this.restyle) base.restyle(ink);
    else if (this.relight) base.relight(ink);
    this.restyle = this.relight = false;
    const isDrawn = base.work(camera, ratio, ink, deadline);
    base.copyTo(this.context, camera, ratio, ink);
    return isDrawn;
  }

  drawNames() {
    const { context, ratio, camera } = this;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    for (const layer of this.overlays) layer.draw(context, camera, this.ink);
    for (const [i, strength] of [[this.hovered, 1], [state.paper, 2]]) {
      if (i < 0) continue;
      this.drawMark(camera.screenX(atlas.x[i]), camera.screenY(atlas.y[i]), i, strength);
    }
    for (const layer of this.overlays) if (layer.drawSigns) layer.drawSigns(context, camera, this.ink);
    this.names.draw(context, this.ink);
  }

  drawMark(x, y, i, strength) {
    const { context, ink } = this;
    const radius = Math.max(pointRadius(this.camera), 3.2);
    context.beginPath();
    context.arc(x, y, radius + 0.5, 0, 2 * Math.PI);
    context.fillStyle = this.base.styles.css(i);
    context.fill();
    context.lineWidth = strength === 2 ? 2 : 1.4;
    context.strokeStyle = ink.groundCss;
    context.stroke();
    context.beginPath();
    context.arc(x, y, radius + 2.2 + strength, 0, 2 * Math.PI);
    context.strokeStyle = ink.line;
    context.stroke();
  }

  // The paper at a place on the screen, or within so many CSS pixels beside its disc, or -1.
  paperAt(x, y, slack) {
    const { camera } = this;
    const reach = (Math.max(4, pointRadius(camera)) + slack) / camera.scale;
    return grid.nearest(camera.worldX(x), camera.worldY(y), reach, (i) => focus.includes(i));
  }
}
