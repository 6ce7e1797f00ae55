// Discs and rings of a fixed size as lists of pixels: what a point adds to the picture, worked out once.

const SUBPIXELS = 4;

// For 4 x 4 positions of the centre within a pixel: the pixels that are touched, as steps in x and y
// from the centre's own, and how much of a colour each takes, in 1/256, with the opacity in it.
class Stamp {
  constructor(radius, opacity, ring) {
    this.reach = Math.ceil(radius + 1);
    this.starts = new Int32Array(SUBPIXELS * SUBPIXELS + 1);
    const list = [];
    for (let sub = 0; sub < SUBPIXELS * SUBPIXELS; sub++) {
      const cx = ((sub % SUBPIXELS) + 0.5) / SUBPIXELS - 0.5;
      const cy = (Math.floor(sub / SUBPIXELS) + 0.5) / SUBPIXELS - 0.5;
      list.push(...this.touched(cx, cy, radius, opacity, ring));
      this.starts[sub + 1] = list.length;
    }
    this.dx = Int32Array.from(list, (touched) => touched[0]);
    this.dy = Int32Array.from(list, (touched) => touched[1]);
    this.shares = Int32Array.from(list, (touched) => touched[2]);
    this.offsets = new Int32Array(list.length);
    this.width = 0;
  }

  touched(cx, cy, radius, opacity, ring) {
    const disc = (d, r) => Math.max(0, Math.min(1, r - d + 0.5)) * Math.min(1, r * r * 4);
    const pixels = [];
    for (let dy = -this.reach; dy <= this.reach; dy++) {
      for (let dx = -this.reach; dx <= this.reach; dx++) {
        const d = Math.hypot(dx - cx, dy - cy);
        const cover = disc(d, radius) - (ring ? disc(d, radius - ring) : 0);
        const share = Math.round(Math.max(0, cover) * opacity);
        if (share > 1) pixels.push([dx, dy, share]);
      }
    }
    return pixels;
  }

  // Steps within pixels of this many a row.
  setWidth(width) {
    if (width === this.width) return;
    this.width = width;
    for (let j = 0; j < this.offsets.length; j++) this.offsets[j] = this.dy[j] * width + this.dx[j];
  }
}

const stamps = new Map();

// A stamp of that radius in device pixels; opacity in 1/256; a ring of that width, or a disc.
export function stampOf(radius, opacity, ring = 0) {
  const size = Math.max(0.5, Math.round(radius * 8) / 8);
  const key = `${size}/${opacity}/${ring.toFixed(2)}`;
  if (stamps.size > 400) stamps.clear();
  if (!stamps.has(key)) stamps.set(key, new Stamp(size, opacity, ring));
  return stamps.get(key);
}

// Blends one stamp of a colour, packed as 0xbbggrr, into 32-bit pixels (little-endian RGBA, opaque)
// with its middle at (x, y). Two channels are mixed in one product, for they do not touch.
export function blend(pixels, width, height, stamp, x, y, colour) {
  const px = Math.floor(x);
  const py = Math.floor(y);
  const { reach, starts, shares, offsets } = stamp;
  const sub = (((x - px) * SUBPIXELS) | 0) + SUBPIXELS * (((y - py) * SUBPIXELS) | 0);
  const redBlue = colour & 0xff00ff;
  const green = colour & 0x00ff00;
  const centre = py * width + px;
  const isInside = px >= reach && py >= reach && px < width - reach && py < height - reach;
  for (let j = starts[sub]; j < starts[sub + 1]; j++) {
    if (!isInside && !isWithin(px + stamp.dx[j], py + stamp.dy[j], width, height)) continue;
    const at = centre + offsets[j];
    const share = shares[j];
    const rest = 256 - share;
    const under = pixels[at];
    pixels[at] =
      0xff000000 |
      (((Math.imul(under & 0xff00ff, rest) + Math.imul(redBlue, share)) >>> 8) & 0xff00ff) |
      (((Math.imul(under & 0x00ff00, rest) + Math.imul(green, share)) >>> 8) & 0x00ff00);
  }
}

function isWithin(x, y, width, height) {
  return x >= 0 && y >= 0 && x < width && y < height;
}
