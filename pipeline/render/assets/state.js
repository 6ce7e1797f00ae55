// What the reader looks at, in one place: controls change it, the parts of the page follow it, and
// a link carries it. Where the map is seen from changes at every frame and lives in the camera.

export const state = {
  theme: -1, // place in `atlas.themes` of the theme that is shown alone, or -1
  paper: -1, // row of the paper that is open, or -1
  query: "", // words that are searched for
  years: null, // [first, last], both among them, or null for all
  undated: false, // papers without a year are wanted too; alone, if `years` is null
  chosen: {}, // by name of a column, such as `venue`: the values wanted, "" for papers without one; no entry for all
  lasso: null, // corners [x, y] of an outline in the unit square, or null
  listed: false, // whether the papers in focus are shown as a list
  far: false, // whether papers that the map misplaces are ringed
  colourBy: "theme", // or the name of a column
  highlight: null, // what is pointed at for a moment: {theme}, {years: [first, last]} or {column, values}
  mode: "light", // or "dark", or "paper" while it is printed
  contrast: "usual", // or "more", as the system wishes
  painted: 0, // counts the changes of which colour each paper has; see drawing/paint.js
  focus: 0, // counts the changes of which papers pass all of that; see data/focus.js
};

// What to change so that every paper is in focus.
export const UNNARROWED = { theme: -1, query: "", years: null, undated: false, chosen: {}, lasso: null, listed: false };

const followers = [];

// Calls `act(changed)` after any of these keys has changed; `changed` is the set of them all.
export function follow(keys, act) {
  followers.push({ keys, act });
}

// Sets part of the state and tells those who follow what differs.
export function change(part) {
  const changed = new Set(Object.keys(part).filter((key) => !isSame(state[key], part[key])));
  if (!changed.size) return;
  for (const key of changed) state[key] = part[key];
  for (const { keys, act } of followers) if (keys.some((key) => changed.has(key))) act(changed);
}

function isSame(one, other) {
  return Object.is(one, other) || (typeof one === "object" && JSON.stringify(one) === JSON.stringify(other));
}
