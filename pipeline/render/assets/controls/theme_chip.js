// Themes as small marks: a dot in their colour, or a button that shows the theme alone.

import { element } from "./dom.js";
import { atlas } from "../data/atlas.js";
import { inkNow } from "../drawing/ink.js";
import { change } from "../state.js";

// The dot of a theme, or that of no theme for null.
export function themeSwatch(theme) {
  const swatch = element("span", { class: "swatch", "data-theme": theme ? theme.index : -1, "aria-hidden": "true" });
  swatch.style.backgroundColor = inkNow().pointCss(theme);
  return swatch;
}

export function themeChip(theme, remark = "") {
  const chip = element("button", { type: "button", class: "chip" }, themeSwatch(theme), element("span", { text: theme.name }));
  if (remark) chip.append(element("span", { class: "chip-remark", text: remark }));
  chip.addEventListener("click", () => change({ theme: theme.index, paper: -1, listed: false }));
  return chip;
}

// The dots within a node, in the colours of the present mode.
export function repaintSwatches(node) {
  for (const swatch of node.querySelectorAll(".swatch[data-theme]")) {
    swatch.style.backgroundColor = inkNow().pointCss(atlas.themes[Number(swatch.dataset.theme)] || null);
  }
}
