// Paper is white and finer than a screen: for the time of printing the map is drawn for it.

import { change, state } from "../state.js";

const MOST_PIXELS = 16e6;
const PRINT_RATIO = 3; // pixels of the picture for one of the page, where that is not too many

export function connectPrinting(scene) {
  let mode = null;
  addEventListener("beforeprint", () => {
    mode = state.mode;
    change({ mode: "paper" });
    const { width, height } = scene.camera;
    scene.hold(Math.min(PRINT_RATIO, Math.sqrt(MOST_PIXELS / (width * height))));
  });
  addEventListener("afterprint", () => {
    if (mode) change({ mode });
    mode = null;
    scene.release();
  });
}
