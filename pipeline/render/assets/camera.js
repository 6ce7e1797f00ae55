// Which part of the unit square is seen: its middle (x, y) and how many CSS pixels a unit spans.

const MAX_ZOOM = 400;
const MIN_ZOOM = 0.6;

class Camera {
  constructor() {
    this.x = 0.5;
    this.y = 0.5;
    this.scale = 1;
    this.home = 1; // the scale at which all points are seen
    this.width = 1;
    this.height = 1;
    this.bounds = boundsOf(null);
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
  viewOf(bounds, inset, maxZoom = MAX_ZOOM) {
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
    const scale = Math.max(MIN_ZOOM, Math.min(MAX_ZOOM, this.zoom * factor)) * this.home;
    return this.kept({
      x: this.worldX(screenX) - (screenX - this.width / 2) / scale,
      y: this.worldY(screenY) - (screenY - this.height / 2) / scale,
      scale,
    });
  }

  pannedBy(dx, dy) {
    return this.kept({ x: this.x - dx / this.scale, y: this.y - dy / this.scale, scale: this.scale });
  }

  // The middle of the view never leaves the points' bounds: nobody gets lost in an empty plane.
  kept(view) {
    const { left, right, top, bottom } = this.bounds;
    return {
      x: Math.max(left, Math.min(right, view.x)),
      y: Math.max(top, Math.min(bottom, view.y)),
      scale: view.scale,
    };
  }

  set(view) {
    this.x = view.x;
    this.y = view.y;
    this.scale = view.scale;
  }
}

// Room around the points for names that stand beside them.
function margins(camera) {
  const side = Math.max(24, Math.min(90, camera.width * 0.07));
  const high = Math.max(24, Math.min(56, camera.height * 0.06));
  return { left: side, right: side, top: high, bottom: high };
}

// The box around the papers of these rows, or of all.
function boundsOf(rows) {
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
function coreBoundsOf(rows, place) {
  if (!place || rows.length < 10) return boundsOf(rows);
  const far = (i) => (atlas.x[i] - place[0]) ** 2 + (atlas.y[i] - place[1]) ** 2;
  const near = rows.slice().sort((a, b) => far(a) - far(b));
  return boundsOf(near.slice(0, Math.ceil(rows.length * 0.9)));
}
