// Colours of the present mode, read from the style sheet so that they stand in one place.

import { rgbOf } from "../data/atlas.js";
import { state } from "../state.js";

function inkOf(mode) {
  const style = getComputedStyle(document.documentElement);
  const value = (name) => style.getPropertyValue(name).trim();
  const dark = mode === "dark";
  const ground = rgbOf(value("--ground"));
  return {
    ground,
    quiet: rgbOf(value("--point-unassigned")),
    strong: rgbOf(value("--ink")),
    halo: `rgb(${ground.join(" ")} / ${dark ? 0.86 : 0.9})`,
    groundCss: value("--ground"),
    line: value("--ink"),
    css: ({ light, dark: onDark }, k) => (dark ? onDark : light)[k],
    groundStrength: dark ? 0.26 : 0.2,
    point: (theme) => rgbOf(dark ? theme.colours.point_dark : theme.colours.point_light),
    pointCss: (theme) => (theme && theme.colours ? theme.colours[dark ? "point_dark" : "point_light"] : value("--point-unassigned")),
    // A name in a theme's colour would say the wrong thing where points are coloured by something else.
    name: (theme) => (theme.colours && state.colourBy === "theme" ? theme.colours[dark ? "ink_dark" : "ink_light"] : value("--ink-soft")),
  };
}

const inks = new Map();

export function inkNow() {
  const key = `${state.mode} ${state.contrast}`;
  if (!inks.has(key)) inks.set(key, inkOf(state.mode));
  return inks.get(key);
}
