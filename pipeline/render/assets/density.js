// The soft ground under the points: each theme's colour, spread as far as its papers are dense.

const GROUND_SIDE = 288;
const GROUND_MARGIN = 0.14; // of the unit square, on every side, so that the blur does not end sharply

function boxBlur(from, to, side, radius) {
  const share = 1 / (2 * radius + 1);
  for (let row = 0; row < side; row++) {
    let sum = 0;
    const base = row * side;
    for (let k = -radius; k <= radius; k++) sum += k >= 0 ? from[base + k] : 0;
    for (let x = 0; x < side; x++) {
      // Written transposed: two passes blur both ways and restore the order.
      to[x * side + row] = sum * share;
      sum += (x + radius + 1 < side ? from[base + x + radius + 1] : 0) - (x >= radius ? from[base + x - radius] : 0);
    }
  }
}

function smooth(field, side, radius) {
  const other = new Float32Array(field.length);
  for (let pass = 0; pass < 3; pass++) {
    boxBlur(field, other, side, radius);
    boxBlur(other, field, side, radius);
  }
  return field;
}

class DensityGround {
  constructor() {
    this.canvas = document.createElement("canvas");
    this.canvas.width = this.canvas.height = GROUND_SIDE;
  }

  update(styles, ink) {
    const cells = GROUND_SIDE * GROUND_SIDE;
    const fields = [0, 1, 2, 3].map(() => new Float32Array(cells)); // weight, red, green, blue
    const cellOf = (v) => Math.floor(((v + GROUND_MARGIN) / (1 + 2 * GROUND_MARGIN)) * GROUND_SIDE);
    let n = 0;
    for (let i = 0; i < atlas.n; i++) {
      if (styles.kinds[i] === QUIET) continue;
      const at = cellOf(atlas.y[i]) * GROUND_SIDE + cellOf(atlas.x[i]);
      const colour = styles.colours[i];
      fields[0][at] += 1;
      fields[1][at] += colour & 255;
      fields[2][at] += (colour >> 8) & 255;
      fields[3][at] += (colour >> 16) & 255;
      n++;
    }
    const radius = Math.max(2, Math.min(7, Math.round(11 * Math.pow(Math.max(n, 1), -0.17))));
    for (const field of fields) smooth(field, GROUND_SIDE, radius);
    this.paint(fields, ink);
  }

  paint(fields, ink) {
    const context = this.canvas.getContext("2d");
    const image = context.createImageData(GROUND_SIDE, GROUND_SIDE);
    const weight = fields[0];
    let total = 0;
    let squares = 0;
    for (let c = 0; c < weight.length; c++) { total += weight[c]; squares += weight[c] * weight[c]; }
    const typical = total > 0 ? squares / total : 1; // the density around a typical paper
    for (let c = 0; c < weight.length; c++) {
      if (weight[c] <= 0) continue;
      for (let channel = 0; channel < 3; channel++) {
        image.data[4 * c + channel] = fields[channel + 1][c] / weight[c];
      }
      image.data[4 * c + 3] = 255 * ink.groundStrength * (1 - Math.exp((-2.2 * weight[c]) / typical));
    }
    context.putImageData(image, 0, 0);
  }

  draw(context, camera, left, top) {
    const size = (1 + 2 * GROUND_MARGIN) * camera.scale;
    context.imageSmoothingEnabled = true;
    // It is smooth already: a better filter took 15 ms of each frame and showed nothing more.
    context.imageSmoothingQuality = "low";
    // Close up the blur says nothing any more: it fades and leaves the points alone.
    context.globalAlpha = Math.max(0.25, Math.min(1, 1.25 - camera.zoom / 24));
    context.drawImage(
      this.canvas,
      camera.screenX(-GROUND_MARGIN) - left,
      camera.screenY(-GROUND_MARGIN) - top,
      size,
      size,
    );
    context.globalAlpha = 1;
  }
}
