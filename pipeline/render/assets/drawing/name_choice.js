// Which themes are named at this zoom: one layer of regions, then the default layer, then finer ones
// as soon as their themes are large enough to point at.

import { atlas, isWithin, repeatsParent } from "../data/atlas.js";
import { focus } from "../data/focus.js";
import { state } from "../state.js";

const FILLS = 0.34; // of the shorter side of the view: a theme of that radius is where one is
const FINER_ZOOM = 1.7;
const FINER_REACH = 26; // CSS pixels
const ROOM = 5000; // square CSS pixels of map for each name that is tried; not all find a place

// Names to be placed, most important first, for the present view: {theme, isRegion, isQuiet}. With a
// theme in focus these are the names of what it is made of.
export function wantedNames(camera, focusTheme) {
  const region = regionLayer(camera, focusTheme);
  const layer = focusTheme ? Math.min(atlas.defaultLayer, Math.max(0, focusTheme.layer - 1)) : atlas.defaultLayer;
  const counts = countsInFocus();
  const chosen = [];
  for (const theme of atlas.themes) {
    if (!theme.place || (focusTheme && !isPartOf(theme, focusTheme))) continue;
    if (theme.layer > layer && theme.layer !== region) continue;
    if (theme.layer < layer && !isLargeEnough(theme, camera)) continue;
    if (isNamedAlready(theme, region, layer, focusTheme)) continue;
    const isQuiet = counts !== null && counts[theme.index] === 0;
    const rank = theme.layer * 1e7 + theme.size - (isQuiet ? 1e9 : 0);
    chosen.push({ theme, isRegion: theme.layer > layer, isQuiet, rank });
  }
  return chosen.sort((a, b) => b.rank - a.rank || a.theme.index - b.theme.index);
}

export function nameLimit(camera) {
  return Math.max(8, Math.round((camera.width * camera.height) / ROOM));
}

function isPartOf(theme, whole) {
  return isWithin(theme, whole) && (theme !== whole || !whole.children.length);
}

function isLargeEnough(theme, camera) {
  return camera.zoom >= FINER_ZOOM && theme.place[2] * camera.scale >= FINER_REACH;
}

// The coarse layer that serves as regions at this zoom, or -1. A theme that fills the view is where
// one is, no longer something to see: then the next finer layer takes over.
function regionLayer(camera, focusTheme) {
  const smaller = Math.min(camera.width, camera.height);
  const coarsest = focusTheme ? focusTheme.layer - 1 : atlas.nLayers - 1;
  for (let layer = coarsest; layer > atlas.defaultLayer; layer--) {
    if (typicalReach(layer) * camera.scale < FILLS * smaller) return layer;
  }
  return -1;
}

const typicalReaches = new Map();
function typicalReach(layer) {
  if (!typicalReaches.has(layer)) {
    const reaches = atlas.themes.filter((t) => t.layer === layer && t.place).map((t) => t.place[2]);
    reaches.sort((a, b) => a - b);
    typicalReaches.set(layer, reaches.length ? reaches[reaches.length >> 1] : 0);
  }
  return typicalReaches.get(layer);
}

// Whether a name would say again what the name of its region, or of a coarser theme beside it, says.
function isNamedAlready(theme, region, layer, focusTheme) {
  let same = theme; // the coarsest theme that is the same as this one
  while (repeatsParent(same)) same = atlas.themes[same.parent];
  for (let t = theme; t.parent >= 0; ) {
    t = atlas.themes[t.parent];
    if (t === focusTheme) return false;
    const isNamed = t.layer <= layer || t.layer === region;
    if (isNamed && (t.name === theme.name || t.layer <= same.layer)) return true;
  }
  return false;
}

// How many papers in focus each theme has, or null where all are.
let counted = { focus: -1, counts: null };
function countsInFocus() {
  if (focus.count === atlas.n) return null;
  if (counted.focus !== state.focus) {
    const counts = new Uint32Array(atlas.themes.length + 1);
    for (const row of atlas.themeOf) for (let i = 0; i < atlas.n; i++) if (row[i] && focus.includes(i)) counts[row[i] - 1]++;
    counted = { focus: state.focus, counts };
  }
  return counted.counts;
}
