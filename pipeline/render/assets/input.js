// Mouse, touch and keyboard on the map.

const DRAG_SLACK = 4; // CSS pixels a press may wander and still be a click
const PAN_STEP = 0.12; // of the view's smaller side, for an arrow key

class MapInput {
  constructor(scene, hooks) {
    this.scene = scene;
    this.hooks = hooks; // {onHover(i, x, y), onPick(i), onEscape()}
    this.pointers = new Map();
    this.travelled = 0;
    const { canvas } = scene;
    canvas.addEventListener("pointerdown", (event) => this.down(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    canvas.addEventListener("pointerup", (event) => this.up(event));
    canvas.addEventListener("pointercancel", (event) => this.up(event, true));
    canvas.addEventListener("pointerleave", () => this.hooks.onHover(-1));
    canvas.addEventListener("dblclick", (event) => this.zoom(event, event.shiftKey ? 0.5 : 2, true));
    canvas.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    canvas.addEventListener("keydown", (event) => this.key(event));
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
        this.hooks.onHover(-1);
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
    this.hooks.onHover(this.scene.paperAt(here.x, here.y), here.x, here.y);
  }

  up(event, cancelled = false) {
    const pressed = this.pointers.delete(event.pointerId);
    this.scene.canvas.classList.remove("dragging");
    if (!pressed || cancelled || this.travelled > DRAG_SLACK) return;
    const { x, y } = this.at(event);
    this.hooks.onPick(this.scene.paperAt(x, y));
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
    this.scene.flyTo(camera.zoomedAt(camera.width / 2, camera.height / 2, factor));
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { scene } = this;
    const step = PAN_STEP * Math.min(scene.camera.width, scene.camera.height);
    const actions = {
      ArrowLeft: () => scene.moveTo(scene.camera.pannedBy(step, 0)),
      ArrowRight: () => scene.moveTo(scene.camera.pannedBy(-step, 0)),
      ArrowUp: () => scene.moveTo(scene.camera.pannedBy(0, step)),
      ArrowDown: () => scene.moveTo(scene.camera.pannedBy(0, -step)),
      "+": () => this.zoomBy(1.6),
      "=": () => this.zoomBy(1.6),
      "-": () => this.zoomBy(1 / 1.6),
      _: () => this.zoomBy(1 / 1.6),
      0: () => scene.flyTo(scene.camera.homeView()),
      Enter: () => this.hooks.onPick(this.middlePaper()),
      Escape: () => this.hooks.onEscape(),
    };
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  }

  middlePaper() {
    const { camera, focus } = this.scene;
    return grid.nearest(camera.x, camera.y, Math.max(camera.width, camera.height) / camera.scale, (i) => focus.includes(i));
  }
}
