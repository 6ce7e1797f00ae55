// How each paper looks now.

import { atlas, rgbOf } from "../data/atlas.js";
import { maskOfHighlight } from "../data/conditions.js";
import { focus } from "../data/focus.js";
import { paintNow, tableOf } from "./paint.js";
import { FULL, HOLLOW, QUIET, STRONG, packed } from "./points.js";
import { state } from "../state.js";

const FADED = 0.72; // how far what is not highlighted fades into the ground

// `colours` packed, and `kinds`.
export class PointStyles {
  constructor() {
    this.colours = new Uint32Array(atlas.n);
    this.kinds = new Uint8Array(atlas.n);
  }

  update(ink) {
    const paint = paintNow();
    const own = tableOf(paint, ink);
    const quiet = packed(ink.quiet);
    const searched = focus.has("search");
    // Papers without a colour of their own stay seen where others are out of focus.
    if (searched) own[0] = packed(ink.strong);
    else if (focus.mask) own[0] = packed(rgbOf(ink.css(atlas.palette.other, 0)));
    const lit = state.highlight ? maskOfHighlight(state.highlight) : null;
    const faded = lit ? own.map((colour) => mixed(colour, packed(ink.ground), FADED)) : null;
    const { colours, kinds } = this;
    const { codes } = paint;
    const { mask } = focus;
    const weakBelow = paint.name === "theme" ? atlas.fringeBelow : 0;
    for (let i = 0; i < codes.length; i++) {
      const code = codes[i];
      if (mask && !mask[i]) { colours[i] = quiet; kinds[i] = QUIET; continue; }
      if (lit && !lit[i]) { colours[i] = faded[code]; kinds[i] = QUIET; continue; }
      colours[i] = own[code];
      if (searched) kinds[i] = STRONG;
      else if (code === 0) kinds[i] = mask || lit ? FULL : QUIET;
      else kinds[i] = atlas.strengths[i] < weakBelow ? HOLLOW : FULL;
    }
  }

  css(i) {
    const colour = this.colours[i];
    return `rgb(${colour & 255} ${(colour >> 8) & 255} ${(colour >> 16) & 255})`;
  }
}

function mixed(colour, ground, share) {
  let result = 0;
  for (const shift of [0, 8, 16]) {
    const part = ((colour >> shift) & 255) * (1 - share) + ((ground >> shift) & 255) * share;
    result |= Math.round(part) << shift;
  }
  return result;
}
