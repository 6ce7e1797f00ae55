// The picture: a base of ground and points that is drawn seldom and copied often, with the names
// and the marks of the chosen papers over it.

const SETTLE_MS = 120;
const FLIGHT_MS = 420;
const stillWanted = matchMedia("(prefers-reduced-motion: reduce)");

// Colours of the present mode, read from the style sheet so that they stand in one place.
function inkOf(mode) {
  const style = getComputedStyle(document.documentElement);
  const value = (name) => style.getPropertyValue(name).trim();
  const dark = mode === "dark";
  const ground = rgbOf(value("--ground"));
  return {
    ground,
    quiet: rgbOf(value("--point-unassigned")),
    strong: rgbOf(value("--ink")),
    halo: `rgb(${ground.join(" ")} / ${dark ? 0.86 : 0.9})`,
    groundCss: value("--ground"),
    line: value("--ink"),
    groundStrength: dark ? 0.26 : 0.2,
    point: (theme) => rgbOf(dark ? theme.colours.point_dark : theme.colours.point_light),
    pointCss: (theme) => (theme && theme.colours ? theme.colours[dark ? "point_dark" : "point_light"] : value("--point-unassigned")),
    name: (theme) => (theme.colours ? theme.colours[dark ? "ink_dark" : "ink_light"] : value("--ink")),
  };
}

// What is in focus: all, one theme, the papers found, or those found within the theme.
class Focus {
  constructor() {
    this.theme = null;
    this.found = null; // Uint8Array, 1 for a paper that was found
  }

  includes(i) {
    if (this.theme && atlas.themeOf[this.theme.layer][i] !== this.theme.index + 1) return false;
    return !this.found || this.found[i] === 1;
  }
}

class Scene {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d", { alpha: false });
    this.base = document.createElement("canvas");
    this.baseContext = this.base.getContext("2d", { alpha: false, willReadFrequently: true });
    this.baseView = null;
    this.camera = new Camera();
    this.focus = new Focus();
    this.styles = new PointStyles();
    this.ground = new DensityGround();
    this.names = new NameLayer();
    this.selected = -1;
    this.hovered = -1;
    this.inset = { left: 0, right: 0, top: 0, bottom: 0 };
    this.obstacles = [];
    this.flight = null;
    this.restyle = true;
    this.requested = 0;
    this.movedAt = -Infinity;
    this.baseCost = 0;
    this.frameTimes = [];
  }

  setMode(mode) {
    this.mode = mode;
    this.ink = inkOf(mode);
    this.names.sprites.clear();
    this.refocus();
  }

  refocus() {
    this.restyle = true;
    this.rested = false;
    this.request();
  }

  resize() {
    const box = this.canvas.getBoundingClientRect();
    this.ratio = Math.min(3, window.devicePixelRatio || 1);
    this.canvas.width = Math.max(1, Math.round(box.width * this.ratio));
    this.canvas.height = Math.max(1, Math.round(box.height * this.ratio));
    const first = this.camera.width <= 1;
    this.camera.resize(box.width, box.height);
    if (first || this.camera.zoom < 1.001) this.camera.set(this.camera.homeView());
    this.names.sprites.clear();
    this.baseView = null;
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
    if (!this.requested) this.requested = requestAnimationFrame((now) => this.frame(now));
  }

  frame(now) {
    this.requested = 0;
    const start = performance.now();
    if (this.flight) this.advanceFlight(start);
    const resting = !this.flight && start - this.movedAt >= SETTLE_MS;
    this.renderBase(resting);
    this.blit();
    const placing = !this.rested;
    if (placing) this.placeNames(resting);
    this.names.follow(this.camera, this.nameBounds());
    const fading = this.names.fade(start, stillWanted.matches);
    this.drawNames();
    this.rested = resting;
    this.frameTimes.push(performance.now() - start);
    if (this.frameTimes.length > 600) this.frameTimes.shift();
    if (this.flight || fading || !resting) this.request();
    else if (this.onRest) this.onRest();
  }

  placeNames(resting) {
    this.names.place(this.camera, this.nameBounds(), this.obstacles, this.focus.theme, this.ink, this.ratio, resting);
  }

  // Draws the base anew where it must be, or where it can be made sharper now.
  renderBase(resting) {
    if (this.restyle) {
      this.styles.update(this.focus, this.ink);
      this.ground.update(this.styles, this.ink);
      this.restyle = false;
      this.baseView = null;
    }
    const exact = this.baseView && this.baseView.scale === this.camera.scale;
    const enough = this.baseView && this.coversView();
    if (enough && (exact || (!resting && this.baseCost > 9 && this.isNear()))) return;
    const start = performance.now();
    this.drawBase();
    this.baseCost = performance.now() - start;
  }

  coversView() {
    const { camera, baseView } = this;
    return (
      camera.worldX(0) >= baseView.left && camera.worldX(camera.width) <= baseView.right &&
      camera.worldY(0) >= baseView.top && camera.worldY(camera.height) <= baseView.bottom
    );
  }

  isNear() {
    const change = this.camera.scale / this.baseView.scale;
    return change > 0.7 && change < 1.5;
  }

  drawBase() {
    const { camera, ratio, base, baseContext: context } = this;
    // A border around the view, so that a drag copies and does not draw; less on huge screens.
    const border = Math.min(0.25, Math.max(0.04, 2.6e6 / (camera.width * camera.height * ratio * ratio) - 0.2));
    const left = -Math.ceil(camera.width * border);
    const top = -Math.ceil(camera.height * border);
    const width = Math.round((camera.width - 2 * left) * ratio);
    const height = Math.round((camera.height - 2 * top) * ratio);
    if (base.width !== width || base.height !== height) { base.width = width; base.height = height; }
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = this.ink.groundCss;
    context.fillRect(0, 0, width, height);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.ground.draw(context, camera, left, top);
    const image = context.getImageData(0, 0, width, height);
    drawPoints(image, camera, this.styles, this.ink, ratio, left, top);
    context.putImageData(image, 0, 0);
    this.baseView = {
      scale: camera.scale,
      left: camera.worldX(left),
      top: camera.worldY(top),
      right: camera.worldX(left + width / ratio),
      bottom: camera.worldY(top + height / ratio),
    };
  }

  blit() {
    const { context, camera, baseView, base, ratio } = this;
    context.setTransform(1, 0, 0, 1, 0, 0);
    const x = camera.screenX(baseView.left) * ratio;
    const y = camera.screenY(baseView.top) * ratio;
    if (baseView.scale === camera.scale) {
      context.drawImage(base, Math.round(x), Math.round(y));
      return;
    }
    const grown = camera.scale / baseView.scale;
    context.imageSmoothingQuality = "low";
    context.drawImage(base, x, y, base.width * grown, base.height * grown);
  }

  drawNames() {
    const { context, ratio, camera } = this;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    for (const [i, strength] of [[this.hovered, 1], [this.selected, 2]]) {
      if (i < 0) continue;
      this.drawMark(camera.screenX(atlas.x[i]), camera.screenY(atlas.y[i]), i, strength);
    }
    this.names.draw(context, this.ink);
  }

  drawMark(x, y, i, strength) {
    const { context, ink } = this;
    const radius = Math.max(pointRadius(this.camera), 3.2);
    context.beginPath();
    context.arc(x, y, radius + 0.5, 0, 2 * Math.PI);
    context.fillStyle = ink.pointCss(themeAt(i, atlas.defaultLayer));
    context.fill();
    context.lineWidth = strength === 2 ? 2 : 1.4;
    context.strokeStyle = ink.groundCss;
    context.stroke();
    context.beginPath();
    context.arc(x, y, radius + 2.2 + strength, 0, 2 * Math.PI);
    context.strokeStyle = ink.line;
    context.stroke();
  }

  // The paper at a place on the screen, or -1.
  paperAt(x, y) {
    const { camera, focus } = this;
    const reach = (Math.max(4, pointRadius(camera)) + 5) / camera.scale;
    return grid.nearest(camera.worldX(x), camera.worldY(y), reach, (i) => focus.includes(i));
  }
}
