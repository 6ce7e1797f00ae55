// The points that are seen, as a raster that names keep off; made anew only where it must be.

import { atlas } from "../data/atlas.js";
import { focus } from "../data/focus.js";
import { CrowdTable } from "./crowd.js";
import { pointRadius } from "./points.js";
import { state } from "../state.js";

const BORDER = 0.3; // of the view, on each side
const FINEST = 4; // CSS pixels: a raster finer than this tells names nothing more

export class ViewCrowd {
  constructor() {
    this.table = null;
    this.made = null; // for which view and which papers
  }

  // Looks at this view from now on. While the map moves a raster of nearly its scale will do.
  follow(camera, resting) {
    this.camera = camera;
    if (!this.table || !this.serves(camera, resting)) this.make(camera);
  }

  serves(camera, resting) {
    const { left, top, right, bottom, scale, focus: seen } = this.made;
    const grown = camera.scale / scale;
    return (
      seen === state.focus && (resting ? grown === 1 : grown > 0.6 && grown < 1.7) &&
      camera.worldX(0) >= left && camera.worldX(camera.width) <= right &&
      camera.worldY(0) >= top && camera.worldY(camera.height) <= bottom
    );
  }

  make(camera) {
    const bounds = {
      left: camera.worldX(-BORDER * camera.width), right: camera.worldX((1 + BORDER) * camera.width),
      top: camera.worldY(-BORDER * camera.height), bottom: camera.worldY((1 + BORDER) * camera.height),
    };
    const cell = Math.max(FINEST, 2 * pointRadius(camera)) / camera.scale;
    const xOf = (i) => (focus.includes(i) ? atlas.x[i] : NaN);
    this.table = new CrowdTable(atlas.n, xOf, (i) => atlas.y[i], bounds, cell);
    this.made = { ...bounds, scale: camera.scale, focus: state.focus };
  }

  share(left, top, right, bottom) {
    const { camera, table } = this;
    return table.share(camera.worldX(left), camera.worldY(top), camera.worldX(right), camera.worldY(bottom));
  }
}
