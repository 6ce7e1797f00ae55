// Points drawn by hand into pixels. Measured in Chromium 156 without a GPU on 1500 x 1100 pixels:
// 79,343 arcs take 170 ms, as many drawImage sprites 280 ms, these stamps 10 to 18 ms.

const FULL = 0; // a paper of a theme
const HOLLOW = 1; // one that fits its theme weakly
const QUIET = 2; // one of no theme, or one that is out of focus
const STRONG = 3; // one that was searched for

const SUBPIXELS = 4;

// Coverage of a disc, or of a ring, for 4 x 4 positions of its centre within a pixel.
class Stamp {
  constructor(radius, ring = 0) {
    this.reach = Math.ceil(radius + 1);
    this.side = 2 * this.reach + 1;
    this.masks = [];
    for (let k = 0; k < SUBPIXELS * SUBPIXELS; k++) {
      const cx = this.reach + ((k % SUBPIXELS) + 0.5) / SUBPIXELS - 0.5;
      const cy = this.reach + (Math.floor(k / SUBPIXELS) + 0.5) / SUBPIXELS - 0.5;
      this.masks.push(this.mask(cx, cy, radius, ring));
    }
  }

  mask(cx, cy, radius, ring) {
    const mask = new Uint8Array(this.side * this.side);
    const disc = (d, r) => Math.max(0, Math.min(1, r - d + 0.5)) * Math.min(1, r * r * 4);
    for (let y = 0; y < this.side; y++) {
      for (let x = 0; x < this.side; x++) {
        const d = Math.hypot(x - cx, y - cy);
        const cover = disc(d, radius) - (ring ? disc(d, radius - ring) : 0);
        mask[y * this.side + x] = Math.round(255 * Math.max(0, cover));
      }
    }
    return mask;
  }
}

const stamps = new Map();

function stampOf(radius, ring = 0) {
  const key = `${radius.toFixed(2)}/${ring.toFixed(2)}`;
  if (stamps.size > 200) stamps.clear();
  if (!stamps.has(key)) stamps.set(key, new Stamp(radius, ring));
  return stamps.get(key);
}

// Blends one stamp into 32-bit pixels (little-endian RGBA, opaque); alpha 0 to 256.
function blend(pixels, width, height, stamp, x, y, colour, alpha) {
  const px = Math.floor(x);
  const py = Math.floor(y);
  const k = Math.floor((x - px) * SUBPIXELS) + SUBPIXELS * Math.floor((y - py) * SUBPIXELS);
  const mask = stamp.masks[k];
  const { reach, side } = stamp;
  const fromX = Math.max(0, reach - px);
  const toX = Math.min(side, width - px + reach);
  const fromY = Math.max(0, reach - py);
  const toY = Math.min(side, height - py + reach);
  const redBlue = colour & 0xff00ff;
  const green = colour & 0x00ff00;
  for (let row = fromY; row < toY; row++) {
    let at = (py - reach + row) * width + px - reach + fromX;
    for (let m = row * side + fromX; m < row * side + toX; m++, at++) {
      if (mask[m] === 0) continue;
      const share = (mask[m] * alpha + 128) >> 8;
      const under = pixels[at];
      const rest = 256 - share;
      pixels[at] =
        0xff000000 |
        ((((under & 0xff00ff) * rest + redBlue * share) >>> 8) & 0xff00ff) |
        ((((under & 0x00ff00) * rest + green * share) >>> 8) & 0x00ff00);
    }
  }
}

function packed([red, green, blue]) {
  return (blue << 16) | (green << 8) | red;
}

// Radius of a point in CSS pixels: smaller in crowds, growing slowly as one comes closer.
function pointRadius(camera) {
  const crowd = 5.4 * Math.pow(169 / Math.max(40, atlas.n), 0.27);
  const room = Math.pow(Math.min(camera.width, camera.height * 1.3) / 900, 0.35);
  return Math.min(9, crowd * room * Math.pow(Math.max(1, camera.zoom), 0.42));
}

// How each paper looks now: `colours` packed, `kinds`, and `order`, the last on top.
class PointStyles {
  constructor() {
    this.colours = new Uint32Array(atlas.n);
    this.kinds = new Uint8Array(atlas.n);
    this.order = new Uint32Array(atlas.n);
  }

  update(focus, ink) {
    const row = atlas.themeOf[atlas.defaultLayer];
    const tones = atlas.themes.map((t) => packed(t.colours ? ink.point(t) : ink.quiet));
    const quiet = packed(ink.quiet);
    for (let i = 0; i < atlas.n; i++) {
      const theme = row ? row[i] : 0;
      const inFocus = focus.includes(i);
      this.colours[i] = theme && inFocus ? tones[theme - 1] : quiet;
      if (focus.found && inFocus) this.kinds[i] = STRONG;
      else if (!theme || !inFocus) this.kinds[i] = QUIET;
      else this.kinds[i] = atlas.strengths[i] < atlas.fringeBelow ? HOLLOW : FULL;
      if (focus.found && inFocus && !theme) this.colours[i] = packed(ink.strong);
    }
    this.sort();
  }

  sort() {
    let next = 0;
    for (const kind of [QUIET, HOLLOW, FULL, STRONG]) {
      for (let i = 0; i < atlas.n; i++) if (this.kinds[i] === kind) this.order[next++] = i;
    }
  }
}

// Draws all points that a camera sees onto ImageData of `ratio` device pixels a CSS pixel.
function drawPoints(image, camera, styles, ink, ratio, left, top) {
  const pixels = new Uint32Array(image.data.buffer);
  const { width, height } = image;
  const radius = pointRadius(camera) * ratio;
  const steps = (r) => Math.max(0.5, Math.round(r * 8) / 8);
  const edge = radius >= 2.2 * ratio ? stampOf(steps(radius + 0.9 * ratio)) : null;
  const looks = [];
  looks[FULL] = { stamp: stampOf(steps(radius)), alpha: radius < 1.6 ? 205 : 235 };
  looks[HOLLOW] = radius >= 2.4
    ? { stamp: stampOf(steps(radius * 0.95), Math.max(1.1, 1.4 * ratio)), alpha: 225 }
    : { stamp: stampOf(steps(radius)), alpha: 110 };
  looks[QUIET] = { stamp: stampOf(steps(radius * 0.8)), alpha: radius < 1.6 ? 120 : 150 };
  looks[STRONG] = { stamp: stampOf(steps(Math.max(radius * 1.25, 2.6 * ratio))), alpha: 250 };
  const strongEdge = stampOf(steps(Math.max(radius * 1.25, 2.6 * ratio) + 1.2 * ratio));
  const ground = packed(ink.ground);
  const reach = (radius + 3) * 1.3;
  const scale = camera.scale * ratio;
  const originX = (camera.width / 2 - left) * ratio - camera.x * scale;
  const originY = (camera.height / 2 - top) * ratio - camera.y * scale;
  for (let k = 0; k < styles.order.length; k++) {
    const i = styles.order[k];
    const x = atlas.x[i] * scale + originX;
    const y = atlas.y[i] * scale + originY;
    if (x < -reach || y < -reach || x > width + reach || y > height + reach) continue;
    const kind = styles.kinds[i];
    const look = looks[kind];
    if (kind === STRONG) blend(pixels, width, height, strongEdge, x, y, ground, 256);
    else if (edge && kind !== QUIET) blend(pixels, width, height, edge, x, y, ground, 215);
    blend(pixels, width, height, look.stamp, x, y, styles.colours[i], look.alpha);
  }
}
