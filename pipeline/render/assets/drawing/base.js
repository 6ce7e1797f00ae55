// The picture of ground and points: drawn seldom, in slices that leave time for the rest of a frame,
// and copied often. While one is being drawn, the last one is shown, moved and scaled.

import { DensityGround } from "./density.js";
import { DrawingOrder, PointPass, packed, pointRadius } from "./points.js";
import { PointStyles } from "./styles.js";

const ROWS_A_LOOK = 48; // filled or put between two looks at the clock
const SKETCHED_POINTS = 40000;
const SKETCHED_PIXELS = 2.6e6;

// A picture: its canvas, what part of the unit square it shows, and how far it is drawn.
class Picture {
  // `border`: how much wider and higher than the view it is, on each side, as a share.
  constructor(camera, ratio, border) {
    this.ratio = ratio;
    this.scale = camera.scale;
    this.zoom = camera.zoom;
    this.radius = pointRadius(camera);
    const left = -Math.ceil(camera.width * border);
    const top = -Math.ceil(camera.height * border);
    this.width = Math.max(1, Math.round((camera.width - 2 * left) * ratio));
    this.height = Math.max(1, Math.round((camera.height - 2 * top) * ratio));
    this.left = camera.worldX(left);
    this.top = camera.worldY(top);
    this.right = camera.worldX(left + this.width / ratio);
    this.bottom = camera.worldY(top + this.height / ratio);
    this.canvas = null;
    this.version = 0; // of what is drawn, see Base
    this.isSketch = false;
  }

  // Whether it shows all that the camera sees, with a share of the view beside it to spare.
  covers(camera, spare = 0) {
    const x = spare * camera.width;
    const y = spare * camera.height;
    return (
      camera.worldX(-x) >= this.left && camera.worldX(camera.width + x) <= this.right &&
      camera.worldY(-y) >= this.top && camera.worldY(camera.height + y) <= this.bottom
    );
  }
}

export class Base {
  constructor() {
    this.styles = new PointStyles();
    this.order = new DrawingOrder();
    this.ground = new DensityGround();
    this.shown = null; // the picture that is copied
    this.begun = null; // the steps of the next one, as a generator, and its picture
    this.spareCanvas = null;
    this.image = null;
    this.coats = []; // drawn over the points: `drawCoat(context, picture)`, in CSS pixels
    this.version = 0; // counts the changes of what is drawn
  }

  restyle(ink) {
    this.relight(ink);
    this.ground.update(this.order, ink);
  }

  // The points alone have other colours.
  relight(ink) {
    this.styles.update(ink);
    this.order.update(this.styles);
    this.repaint();
  }

  // What is drawn with the points has changed; the picture is shown until there is a new one.
  repaint() {
    this.version++;
  }

  // After a change of the view's size or resolution nothing that was drawn fits any more.
  clear() {
    this.shown = null;
    this.begun = null;
  }

  isCurrent(picture) {
    return picture.version === this.version && !picture.isSketch;
  }

  isExact(camera) {
    return this.shown !== null && this.isCurrent(this.shown) && this.shown.scale === camera.scale && this.shown.covers(camera);
  }

  // Works towards a picture of what the camera sees until the clock shows `deadline`. True when the one
  // shown is just that. Where none covers the view, a sketch is made at once: a sample of the points.
  work(camera, ratio, ink, deadline) {
    if (!(this.shown && this.shown.covers(camera)) && deadline < Infinity) this.sketch(camera, ratio, ink);
    const border = borderOf(camera, ratio);
    if (this.isExact(camera) && this.shown.covers(camera, 0.4 * border)) { this.begun = null; return true; }
    const isUseful = this.begun && this.isCurrent(this.begun.picture) && willServe(this.begun.picture, camera);
    if (!isUseful) this.begin(new Picture(camera, ratio, border), ink);
    this.advance(deadline);
    return this.isExact(camera) && !this.begun;
  }

  begin(picture, ink) {
    picture.version = this.version;
    this.begun = { picture, steps: this.steps(picture, ink) };
  }

  // Takes steps until the deadline, or until the picture is done and shown.
  advance(deadline) {
    const { picture, steps } = this.begun;
    do {
      if (!steps.next(deadline).done) continue;
      this.show(picture);
      return;
    } while (performance.now() < deadline);
  }

  sketch(camera, ratio, ink) {
    const pixels = camera.width * camera.height * ratio * ratio;
    const picture = new Picture(camera, pixels > SKETCHED_PIXELS ? ratio * Math.sqrt(SKETCHED_PIXELS / pixels) : ratio, 0.02);
    picture.isSketch = true;
    this.begin(picture, ink);
    this.advance(Infinity);
  }

  show(picture) {
    this.spareCanvas = this.shown && this.shown.canvas;
    this.shown = picture;
    this.begun = null;
  }

  // Draws a picture, a step at each `next(deadline)`.
  *steps(picture, ink) {
    const { width, height, ratio, scale } = picture;
    if (!this.image || this.image.width !== width || this.image.height !== height) this.image = new ImageData(width, height);
    const sheet = {
      pixels: new Int32Array(this.image.data.buffer),
      width,
      height,
      scale: scale * ratio,
      originX: -picture.left * scale * ratio,
      originY: -picture.top * scale * ratio,
    };
    const ground = packed(ink.ground);
    const radius = picture.radius * ratio;
    this.ground.mix(ground, picture.zoom);
    for (let row = 0; row < height; row += ROWS_A_LOOK) {
      this.ground.fillRows(sheet, row, Math.min(height, row + ROWS_A_LOOK));
      yield;
    }
    const pass = new PointPass(sheet, this.order, radius, ratio, ground);
    if (picture.isSketch) pass.sample(SKETCHED_POINTS);
    while (!pass.run(yield)) ;
    const canvas = (this.spareCanvas = this.spareCanvas || document.createElement("canvas"));
    if (canvas.width !== width || canvas.height !== height) { canvas.width = width; canvas.height = height; }
    const context = canvas.getContext("2d", { alpha: false, willReadFrequently: true });
    for (let row = 0; row < height; row += 8 * ROWS_A_LOOK) {
      context.putImageData(this.image, 0, 0, 0, row, width, 8 * ROWS_A_LOOK);
      yield;
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    for (const coat of this.coats) coat.drawCoat(context, picture);
    picture.canvas = canvas;
  }

  // Copies the picture shown to where it belongs now.
  copyTo(context, camera, ratio, ink) {
    const { canvas, scale, left, top, ratio: own } = this.shown;
    const x = camera.screenX(left) * ratio;
    const y = camera.screenY(top) * ratio;
    const grown = (camera.scale / scale) * (ratio / own);
    context.setTransform(1, 0, 0, 1, 0, 0);
    if (!this.shown.covers(camera)) {
      context.fillStyle = ink.groundCss;
      context.fillRect(0, 0, context.canvas.width, context.canvas.height);
    }
    if (grown === 1) { context.drawImage(canvas, Math.round(x), Math.round(y)); return; }
    // A better filter took 15 ms of each frame and showed nothing more.
    context.imageSmoothingQuality = "low";
    context.drawImage(canvas, x, y, canvas.width * grown, canvas.height * grown);
  }
}

// A border around the view, so that a drag copies and does not draw; less on huge screens.
function borderOf(camera, ratio) {
  return Math.min(0.25, Math.max(0.04, 2.6e6 / (camera.width * camera.height * ratio * ratio) - 0.2));
}

// Whether a picture that is being drawn will still serve when it is done.
function willServe(picture, camera) {
  const grown = camera.scale / picture.scale;
  return picture.covers(camera) && grown > 0.7 && grown < 1.5;
}
