// Mouse, touch and keyboard on the map.

import { say } from "./announcer.js";
import { addKey } from "./keys.js";
import { stepFirst } from "./stepping.js";
import { atlas, grid } from "../data/atlas.js";
import { focus } from "../data/focus.js";
import { change, follow, state } from "../state.js";

const NEAR = 5; // CSS pixels beside a point's disc that still mean the point
const PAUSE_MS = 50; // a pointer that only passes over a name highlights nothing
const DRAG_SLACK = 4; // CSS pixels a press may wander and still be a click
const PAN_STEP = 0.12; // of the view's smaller side, for an arrow key
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class MapInput {
  constructor(scene, tooltip, outlook, bringIntoView) {
    this.scene = scene;
    this.tooltip = tooltip;
    this.outlook = outlook;
    this.bringIntoView = bringIntoView;
    this.pointers = new Map();
    this.travelled = 0;
    this.pointed = null; // the theme whose name is pointed at
    this.pause = 0;
    const { canvas } = scene;
    canvas.addEventListener("pointerdown", (event) => this.down(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    canvas.addEventListener("pointerup", (event) => this.up(event));
    canvas.addEventListener("pointercancel", (event) => this.up(event, true));
    canvas.addEventListener("pointerleave", () => this.leave());
    canvas.addEventListener("dblclick", (event) => this.zoom(event, event.shiftKey ? 0.5 : 2, true));
    canvas.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    canvas.addEventListener("blur", () => tooltip.show(-1));
    this.cursor = -1; // the paper that the keyboard has gone to, or -1
    follow(["paper"], () => { if (state.paper >= 0) this.cursor = state.paper; });
    stepFirst(() => this.forget());
    this.connectKeys();
  }

  at(event) {
    const box = this.scene.canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  down(event) {
    if (event.button > 0) return;
    this.scene.canvas.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, this.at(event));
    this.travelled = this.pointers.size > 1 ? Infinity : 0;
  }

  move(event) {
    const here = this.at(event);
    const before = this.pointers.get(event.pointerId);
    if (!before) { this.hover(event, here); return; }
    const { scene } = this;
    if (this.pointers.size === 1) {
      this.travelled += Math.hypot(here.x - before.x, here.y - before.y);
      if (this.travelled > DRAG_SLACK) {
        scene.canvas.classList.add("dragging");
        this.tooltip.show(-1);
        scene.moveTo(scene.camera.pannedBy(here.x - before.x, here.y - before.y));
      }
    } else this.pinch(event.pointerId, before, here);
    this.pointers.set(event.pointerId, here);
  }

  // Two fingers: the map follows their middle and their distance.
  pinch(id, before, here) {
    const [, other] = [...this.pointers].find(([key]) => key !== id);
    const { scene } = this;
    const factor = Math.hypot(here.x - other.x, here.y - other.y) / Math.max(1, Math.hypot(before.x - other.x, before.y - other.y));
    scene.moveTo(scene.camera.zoomedAt((here.x + other.x) / 2, (here.y + other.y) / 2, factor));
    scene.moveTo(scene.camera.pannedBy((here.x - before.x) / 2, (here.y - before.y) / 2));
  }

  hover(event, here) {
    if (event.pointerType === "touch") return;
    const { paper, theme } = this.under(here);
    this.tooltip.show(paper, here.x, here.y);
    this.point(theme);
  }

  // A name wins over papers near the pointer, but not over one whose disc is right under it.
  under({ x, y }) {
    const theme = this.scene.names.themeAt(x, y);
    const paper = this.scene.paperAt(x, y, theme ? 0 : NEAR);
    return { paper, theme: paper < 0 ? theme : null };
  }

  // Highlights the theme whose name is pointed at.
  point(theme) {
    this.scene.canvas.classList.toggle("naming", theme !== null);
    if (theme === this.pointed) return;
    this.pointed = theme;
    clearTimeout(this.pause);
    this.pause = setTimeout(() => change({ highlight: theme && { theme: theme.index } }), PAUSE_MS);
  }

  leave() {
    this.tooltip.show(-1);
    this.point(null);
  }

  up(event, cancelled = false) {
    const pressed = this.pointers.delete(event.pointerId);
    this.scene.canvas.classList.remove("dragging");
    if (!pressed || cancelled || this.travelled > DRAG_SLACK) return;
    const { paper, theme } = this.under(this.at(event));
    this.point(null);
    change(theme ? { theme: theme.index, paper: -1, listed: false } : { paper });
  }

  wheel(event) {
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 30 : event.deltaMode === 2 ? 300 : 1;
    // A trackpad's pinch arrives as a wheel with ctrl and small steps.
    const speed = event.ctrlKey ? 0.01 : 0.0016;
    const change = Math.max(-240, Math.min(240, event.deltaY * lines));
    this.zoom(event, Math.exp(-change * speed), false);
  }

  zoom(event, factor, glide) {
    const { x, y } = this.at(event);
    const view = this.scene.camera.zoomedAt(x, y, factor);
    if (glide) this.scene.flyTo(view);
    else this.scene.moveTo(view);
  }

  zoomBy(factor) {
    const { camera } = this.scene;
    this.outlook.tell();
    this.scene.flyTo(camera.zoomedAt(camera.width / 2, camera.height / 2, factor));
  }

  connectKeys() {
    const { scene } = this;
    const onMap = (shown, keys, says, act, shift = null) => addKey({ keys, shown, says, act, shift, where: "map" });
    onMap("Arrows", Object.keys(ARROWS), "move the map", (event) => this.pan(ARROWS[event.key]), false);
    onMap("Shift + arrow", Object.keys(ARROWS), "go to the next paper that way", (event) => this.step(ARROWS[event.key]), true);
    onMap("Enter", ["Enter"], "open the paper that is marked, or the one nearest to the middle", () => change({ paper: this.markedPaper() }));
    onMap("+", ["+", "="], "zoom in", () => this.zoomBy(1.6));
    onMap("−", ["-", "_"], "zoom out", () => this.zoomBy(1 / 1.6));
    onMap("0", ["0"], "show all of the map", () => this.showAll());
  }

  showAll() {
    this.outlook.tell();
    this.scene.flyTo(this.scene.camera.homeView());
  }

  pan([x, y]) {
    const { camera } = this.scene;
    const step = PAN_STEP * Math.min(camera.width, camera.height);
    this.tooltip.show(-1);
    this.outlook.tell();
    this.scene.moveTo(camera.pannedBy(-x * step, -y * step));
  }

  // Marks the next paper in a direction, brings it into sight and says what it is.
  step(direction) {
    const { scene } = this;
    const next = this.cursor >= 0 ? paperTowards(this.cursor, direction) : this.middlePaper();
    if (next < 0) { say("No paper further that way."); return; }
    this.cursor = next;
    this.bringIntoView(next);
    this.tooltip.show(next, scene.camera.screenX(atlas.x[next]), scene.camera.screenY(atlas.y[next]));
    say(this.tooltip.wordsOf(next));
  }

  forget() {
    if (this.cursor < 0 || state.paper >= 0) return false;
    const wasSeen = this.tooltip.isShown;
    this.cursor = -1;
    this.tooltip.show(-1);
    return wasSeen; // Escape goes on to something that is seen to go
  }

  markedPaper() {
    return this.cursor >= 0 && focus.includes(this.cursor) ? this.cursor : this.middlePaper();
  }

  middlePaper() {
    const { camera } = this.scene;
    return grid.nearest(camera.x, camera.y, Math.max(camera.width, camera.height) / camera.scale, (i) => focus.includes(i));
  }
}

// The paper nearest to paper i within the quarter of the plane that lies in a direction, or -1.
// Papers at the very same place are gone through in their order to the right and down, else back.
function paperTowards(i, [dx, dy]) {
  const { x, y } = atlas;
  const onwards = dx + dy > 0;
  const twins = twinsOf(i);
  const twin = twins[twins.indexOf(i) + (onwards ? 1 : -1)];
  if (twin !== undefined) return twin;
  const isThere = (j) => {
    const along = (x[j] - x[i]) * dx + (y[j] - y[i]) * dy;
    const aside = Math.abs((x[j] - x[i]) * dy) + Math.abs((y[j] - y[i]) * dx);
    return along > 0 && aside <= along && focus.includes(j);
  };
  for (let reach = 2 / grid.side; reach < 4; reach *= 2) {
    const found = grid.nearest(x[i], y[i], reach, isThere);
    if (found >= 0) return twinsOf(found).at(onwards ? 0 : -1);
  }
  return -1;
}

// Rows in focus at the place of paper i, in their order.
function twinsOf(i) {
  const rows = [];
  grid.nearest(atlas.x[i], atlas.y[i], 0, (j) => {
    if (atlas.x[j] === atlas.x[i] && atlas.y[j] === atlas.y[i] && focus.includes(j)) rows.push(j);
    return false;
  });
  return rows.sort((a, b) => a - b);
}
