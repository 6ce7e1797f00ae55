// An outline drawn by hand around papers. L or the button begins it; a drag draws it; the papers in
// view can be taken instead, without a pointer. It lives in `state.lasso` as corners on the map.

import { element } from "./dom.js";
import { icon } from "./icons.js";
import { addKey } from "./keys.js";
import { tell } from "./notice.js";
import { stepFirst } from "./stepping.js";
import { atlas } from "../data/atlas.js";
import { focus } from "../data/focus.js";
import { maskInside, simplified } from "../data/outline.js";
import { inkNow } from "../drawing/ink.js";
import { change, follow, state } from "../state.js";

const STEP = 3; // CSS pixels between two corners
const SLACK = 0.7; // CSS pixels by which a simpler outline may stray
const SMALLEST = 12; // CSS pixels that an outline must span, or it was a click

export class Lasso {
  constructor(scene, view, tools, onShown) {
    this.scene = scene;
    this.onShown = onShown; // called when the hint comes or goes
    this.drawn = null; // corners while the pointer is down
    this.active = false;
    this.button = element("button", { type: "button", class: "tool icon", id: "lasso", "aria-pressed": "false", "aria-label": "Draw around papers", title: "Draw around papers (L)" }, icon("lasso"));
    this.button.addEventListener("click", (event) => this.toggle(event.detail === 0));
    tools.prepend(this.button);
    this.taking = element("button", { type: "button", class: "plain", text: "Take the papers in view" });
    this.taking.addEventListener("click", () => this.takeView());
    const cancel = element("button", { type: "button", class: "plain", text: "Cancel" });
    cancel.addEventListener("click", () => this.toggle());
    this.hint = element("div", { class: "lasso-hint", role: "group", "aria-label": "Draw around papers" },
      element("span", { text: "Draw around papers" }), this.taking, cancel);
    this.hint.hidden = true;
    view.append(this.hint);
    this.listen(view);
    scene.overlays.push(this);
    follow(["lasso"], () => this.narrow());
  }

  // Before the map's own input: while an outline is drawn, a drag does not move the map.
  listen(view) {
    const { canvas } = this.scene;
    const when = (name, act) => view.addEventListener(name, (event) => {
      if (!this.active || event.target !== canvas || event.button > 0) return;
      event.stopPropagation();
      act(event);
    }, true);
    when("pointerdown", (event) => {
      if (!event.isPrimary) return;
      canvas.setPointerCapture(event.pointerId);
      this.drawn = [this.place(event)];
    });
    when("pointermove", (event) => this.extend(event));
    when("pointerup", (event) => { if (event.isPrimary) this.finish(); });
    when("pointercancel", (event) => { if (!event.isPrimary) return; this.drawn = null; this.scene.request(); });
    when("dblclick", () => {});
    addKey({ keys: ["l"], shown: "L", says: "draw around papers, or take those in view", act: () => this.toggle(true) });
    stepFirst(() => this.active && this.toggle());
  }

  // Begins or ends, and says so by true. `byKeys`: the focus goes to what can be done without a pointer.
  toggle(byKeys = false) {
    const hadFocus = this.hint.contains(document.activeElement);
    this.active = !this.active;
    this.drawn = null;
    this.hint.hidden = !this.active;
    this.button.setAttribute("aria-pressed", String(this.active));
    this.scene.canvas.classList.toggle("outlining", this.active);
    if (this.active && byKeys) this.taking.focus();
    else if (hadFocus) this.scene.canvas.focus();
    this.scene.request();
    this.onShown();
    return true;
  }

  place(event) {
    const box = this.scene.canvas.getBoundingClientRect();
    const { camera } = this.scene;
    return [camera.worldX(event.clientX - box.left), camera.worldY(event.clientY - box.top)];
  }

  extend(event) {
    if (!this.drawn || !event.isPrimary) return;
    const here = this.place(event);
    const [x, y] = this.drawn[this.drawn.length - 1];
    if (Math.hypot(here[0] - x, here[1] - y) * this.scene.camera.scale < STEP) return;
    this.drawn.push(here);
    this.scene.request();
  }

  finish() {
    const { camera } = this.scene;
    const drawn = this.drawn || [];
    this.drawn = null;
    this.scene.request();
    const span = (axis) => Math.max(...drawn.map((at) => at[axis])) - Math.min(...drawn.map((at) => at[axis]));
    if (drawn.length < 3 || Math.max(span(0), span(1)) * camera.scale < SMALLEST) return;
    this.take(simplified(drawn, SLACK / camera.scale));
  }

  // The rectangle of the map that nothing lies over.
  takeView() {
    const { camera } = this.scene;
    const { left, right, top, bottom } = this.scene.nameBounds();
    const [west, east] = [camera.worldX(left), camera.worldX(right)];
    const [north, south] = [camera.worldY(top), camera.worldY(bottom)];
    this.take([[west, north], [east, north], [east, south], [west, south]]);
  }

  take(corners) {
    const rounded = corners.map((at) => at.map((v) => Math.round(v * 1e5) / 1e5));
    if (!maskInside(rounded).includes(1)) { tell("No paper lies inside."); return; }
    this.toggle();
    change({ lasso: rounded, listed: true, paper: -1 });
  }

  narrow() {
    focus.narrow("lasso", state.lasso ? maskInside(state.lasso) : null);
    this.scene.request();
  }

  draw(context, camera) {
    const corners = this.drawn || state.lasso;
    if (!corners || !atlas.n) return;
    context.beginPath();
    for (const [x, y] of corners) context.lineTo(camera.screenX(x), camera.screenY(y));
    context.closePath();
    context.globalAlpha = 0.06;
    context.fillStyle = inkNow().line;
    context.fill();
    context.globalAlpha = this.drawn ? 0.9 : 0.5;
    context.strokeStyle = inkNow().line;
    context.lineWidth = 1.5;
    context.setLineDash([5, 4]);
    context.stroke();
    context.setLineDash([]);
    context.globalAlpha = 1;
  }
}
