// From what is chosen to which papers pass: years and values of columns. Columns may have to be
// unpacked first; only the newest choice counts.

import { atlas } from "./atlas.js";
import { NO_YEAR, columns } from "./columns.js";
import { focus } from "./focus.js";
import { follow, state } from "../state.js";

const newest = new Map(); // name of a condition -> number of its last change

export function connectConditions() {
  follow(["years", "undated"], narrowYears);
  follow(["chosen"], narrowChosen);
  narrowYears();
  narrowChosen();
}

// Sets the condition once `mask` is fulfilled, unless a newer choice was made meanwhile.
async function narrowLater(name, mask) {
  const mine = (newest.get(name) || 0) + 1;
  newest.set(name, mine);
  const found = await mask;
  if (newest.get(name) === mine) focus.narrow(name, found);
}

function narrowYears() {
  const { years, undated } = state;
  const wanted = years || undated;
  narrowLater("years", wanted ? columns.load("year").then((column) => column && maskOfYears(column, years, undated)) : null);
}

function narrowChosen() {
  const { chosen } = state;
  for (const name of new Set([...columnsBefore(), ...Object.keys(chosen)])) {
    const values = Object.hasOwn(chosen, name) ? chosen[name] : [];
    narrowLater(`column:${name}`, values.length ? columns.load(name).then((column) => column && maskOfValues(column, values)) : null);
  }
}

// Columns that were narrowed before and may be so no more.
function columnsBefore() {
  return [...newest.keys()].filter((name) => name.startsWith("column:")).map((name) => name.slice(7));
}

// The papers of these years, and those without one if they are wanted too.
function maskOfYears({ numbers }, years, undated) {
  const [first, last] = years || [1, 0];
  const mask = new Uint8Array(atlas.n);
  for (let i = 0; i < mask.length; i++) {
    const year = numbers[i];
    mask[i] = year === NO_YEAR ? (undated ? 1 : 0) : (year >= first && year <= last ? 1 : 0);
  }
  return mask;
}

// The papers with one of these values; none for values that the column does not have.
function maskOfValues({ codes, further, codeOf, values }, wanted) {
  const isWanted = new Uint8Array(values.length + 1);
  for (const value of wanted) if (codeOf.has(value)) isWanted[codeOf.get(value)] = 1;
  const mask = new Uint8Array(atlas.n);
  for (let i = 0; i < mask.length; i++) mask[i] = isWanted[codes[i]];
  further.rows.forEach((row, k) => { if (isWanted[further.codes[k]]) mask[row] = 1; });
  return mask;
}

export function maskOfTheme(theme) {
  const row = atlas.themeOf[theme.layer];
  const mask = new Uint8Array(atlas.n);
  for (let i = 0; i < mask.length; i++) if (row[i] === theme.index + 1) mask[i] = 1;
  return mask;
}

// The papers that a highlight is about (see state.js), or null while their column is not there.
export function maskOfHighlight({ theme, years, column, values }) {
  if (theme !== undefined) return maskOfTheme(atlas.themes[theme]);
  const here = columns.here(years ? "year" : column);
  if (!here) return null;
  return years ? maskOfYears(here, years, false) : maskOfValues(here, values);
}
