// Which part of the unit square is seen: its middle (x, y) and how many CSS pixels a unit spans.

import { atlas } from "../data/atlas.js";

const FINEST_SCALE = 65535; // places come in steps of this part of the unit square: one CSS pixel, then
const ZOOM_OF_ONE = 6; // closest zoom on a map of one paper; it grows as papers lie closer
const SPAN_OF_ONE = 0.6; // of the unit square, shown around one paper; less around more of them
const TOOLS = 72; // CSS pixels that the buttons at the right of the map take, and a point beside them

const MIN_ZOOM = 0.6;

export class Camera {
  constructor() {
    this.x = 0.5;
    this.y = 0.5;
    this.scale = 1;
    this.home = 1; // the scale at which all points are seen
    this.width = 1;
    this.height = 1;
    this.bounds = widened(boundsOf(null), SPAN_OF_ONE / Math.sqrt(Math.max(1, atlas.n)));
  }

  // A new size of the view keeps what is in the middle, and the zoom.
  resize(width, height) {
    const zoom = this.zoom;
    this.width = Math.max(1, width);
    this.height = Math.max(1, height);
    this.home = this.scaleFor(this.bounds, margins(this));
    this.scale = this.home * zoom;
  }

  get zoom() {
    return this.scale / this.home;
  }

  get maxZoom() {
    return Math.max(4, Math.min(FINEST_SCALE / this.home, ZOOM_OF_ONE * Math.sqrt(Math.max(1, atlas.n))));
  }

  screenX(x) {
    return (x - this.x) * this.scale + this.width / 2;
  }

  screenY(y) {
    return (y - this.y) * this.scale + this.height / 2;
  }

  worldX(screenX) {
    return (screenX - this.width / 2) / this.scale + this.x;
  }

  worldY(screenY) {
    return (screenY - this.height / 2) / this.scale + this.y;
  }

  scaleFor(bounds, inset) {
    const wide = Math.max(bounds.right - bounds.left, 0.02);
    const high = Math.max(bounds.bottom - bounds.top, 0.02);
    const free = { w: this.width - inset.left - inset.right, h: this.height - inset.top - inset.bottom };
    return Math.max(20, Math.min(Math.max(free.w, 40) / wide, Math.max(free.h, 40) / high));
  }

  // The view {x, y, scale} that shows the bounds inside the insets.
  viewOf(bounds, inset, maxZoom = this.maxZoom) {
    const scale = Math.min(this.scaleFor(bounds, inset), this.home * maxZoom);
    return {
      x: (bounds.left + bounds.right) / 2 + (inset.right - inset.left) / 2 / scale,
      y: (bounds.top + bounds.bottom) / 2 + (inset.bottom - inset.top) / 2 / scale,
      scale,
    };
  }

  homeView() {
    return this.viewOf(this.bounds, margins(this));
  }

  zoomedAt(screenX, screenY, factor) {
    const scale = this.keptScale(this.scale * factor);
    return this.kept({
      x: this.worldX(screenX) - (screenX - this.width / 2) / scale,
      y: this.worldY(screenY) - (screenY - this.height / 2) / scale,
      scale,
    });
  }

  pannedBy(dx, dy) {
    return this.kept({ x: this.x - dx / this.scale, y: this.y - dy / this.scale, scale: this.scale });
  }

  keptScale(scale) {
    return Math.max(MIN_ZOOM * this.home, Math.min(this.maxZoom * this.home, scale));
  }

  // The middle of the view never leaves the points' bounds: nobody gets lost in an empty plane.
  kept(view) {
    const { left, right, top, bottom } = this.bounds;
    return {
      x: Math.max(left, Math.min(right, view.x)),
      y: Math.max(top, Math.min(bottom, view.y)),
      scale: this.keptScale(view.scale),
    };
  }

  set(view) {
    this.x = view.x;
    this.y = view.y;
    this.scale = view.scale;
  }
}

// Room around the points for names that stand beside them, and for the buttons at the right.
export function margins(camera) {
  const side = Math.max(24, Math.min(90, camera.width * 0.07));
  const high = Math.max(24, Math.min(56, camera.height * 0.06));
  return { left: side, right: Math.max(side, TOOLS), top: high, bottom: high };
}

// A box with the same middle, at least so wide and high.
function widened({ left, right, top, bottom }, least) {
  const wide = Math.max(0, least - (right - left)) / 2;
  const high = Math.max(0, least - (bottom - top)) / 2;
  return { left: left - wide, right: right + wide, top: top - high, bottom: bottom + high };
}

// The box around the papers of these rows, or of all.
export function boundsOf(rows) {
  const box = { left: Infinity, right: -Infinity, top: Infinity, bottom: -Infinity };
  const count = rows ? rows.length : atlas.n;
  for (let k = 0; k < count; k++) {
    const i = rows ? rows[k] : k;
    box.left = Math.min(box.left, atlas.x[i]);
    box.right = Math.max(box.right, atlas.x[i]);
    box.top = Math.min(box.top, atlas.y[i]);
    box.bottom = Math.max(box.bottom, atlas.y[i]);
  }
  return count ? box : { left: 0.4, right: 0.6, top: 0.4, bottom: 0.6 };
}

// The same without the tenth of the rows that lies farthest out: a few strays do not decide a zoom.
export function coreBoundsOf(rows, place) {
  if (!place || rows.length < 10) return boundsOf(rows);
  const away = Float64Array.from(rows, (i) => (atlas.x[i] - place[0]) ** 2 + (atlas.y[i] - place[1]) ** 2);
  const farthest = away.slice().sort()[Math.ceil(rows.length * 0.9) - 1];
  return boundsOf(rows.filter((_, k) => away[k] <= farthest));
}
