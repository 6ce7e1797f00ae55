// A view and a selection as the fragment of an address, and back. Whatever stands there was written
// by anybody: each value is checked, and what is not understood is left out and counted.

const CORNER_UNITS = 1e5; // an outline's corners are whole numbers of these
const MOST_CORNERS = 2000;
const LONGEST = 200_000; // characters of a fragment

const decimals = (value, digits) => String(Number(value.toFixed(digits)));

// `view`: {x, y, zoom} or null for the whole map; `paper`: {id, row} or null; `theme`: its id or null.
export function toFragment({ view, paper, theme, query, years, undated, chosen, lasso, colourBy, far, listed }) {
  const fields = new URLSearchParams();
  if (view) for (const [name, value] of [["x", view.x], ["y", view.y], ["zoom", view.zoom]]) fields.set(name, decimals(value, 7));
  if (theme !== null) fields.set("theme", theme);
  if (paper) { fields.set("paper", paper.id); fields.set("row", paper.row); }
  if (query) fields.set("search", query);
  if (years) fields.set("years", years.join("~"));
  if (undated) fields.set("undated", "1");
  if (Object.keys(chosen).length) fields.set("only", JSON.stringify(chosen));
  if (lasso) fields.set("outline", lasso.map((at) => at.map((v) => Math.round(v * CORNER_UNITS).toString(36)).join(".")).join("_"));
  if (colourBy !== "theme") fields.set("colour", colourBy);
  if (far) fields.set("far", "1");
  if (listed) fields.set("list", "1");
  return fields.toString();
}

const READERS = {
  x: (text, found) => readView(text, found, "x", -1, 2),
  y: (text, found) => readView(text, found, "y", -1, 2),
  zoom: (text, found) => readView(text, found, "zoom", 0.3, 1000),
  theme: (text, found) => { found.theme = wholeNumber(text); },
  paper: (text, found) => { found.paper = { row: -1, ...found.paper, id: text }; },
  row: (text, found) => { found.paper = { id: null, ...found.paper, row: wholeNumber(text) }; },
  search: (text, found) => { found.query = text.slice(0, 1000); },
  years: (text, found) => { found.years = readYears(text); },
  undated: (text, found) => { found.undated = demand(text === "1", true); },
  only: (text, found) => { found.chosen = readChosen(JSON.parse(text)); },
  outline: (text, found) => { found.lasso = readOutline(text); },
  colour: (text, found) => { found.colourBy = demand(text.length <= 100, text); },
  far: (text, found) => { found.far = demand(text === "1", true); },
  list: (text, found) => { found.listed = demand(text === "1", true); },
};

// {found, ignored}: the same fields as `toFragment` takes, those that are there and sound, and the
// names of those that are not.
export function fromFragment(text) {
  const found = {};
  const ignored = [];
  if (text.length > LONGEST) return { found, ignored: ["all"] };
  for (const [name, value] of new URLSearchParams(text)) {
    try {
      demand(Object.hasOwn(READERS, name));
      READERS[name](value, found);
    } catch {
      ignored.push(name);
    }
  }
  if (found.view && ["x", "y", "zoom"].some((axis) => !(axis in found.view))) {
    ignored.push("view");
    delete found.view;
  }
  return { found, ignored };
}

function demand(holds, value) {
  if (!holds) throw new RangeError("not understood");
  return value;
}

function matched(pattern, text) {
  const match = pattern.exec(text);
  return demand(match, match);
}

function wholeNumber(text) {
  return demand(/^\d{1,9}$/.test(text), Number(text));
}

function readView(text, found, axis, least, most) {
  const value = demand(/^-?\d{1,4}(?:\.\d{1,12})?$/.test(text), Number(text));
  found.view = { ...found.view, [axis]: demand(value >= least && value <= most, value) };
}

function readYears(text) {
  const [, first, last] = matched(/^(-?\d{1,4})~(-?\d{1,4})$/, text);
  return demand(Number(first) <= Number(last), [Number(first), Number(last)]);
}

// By name of a column the values wanted: short texts or numbers.
function readChosen(given) {
  demand(given && typeof given === "object" && !Array.isArray(given));
  const isValue = (value) => Number.isFinite(value) || (typeof value === "string" && value.length <= 1000);
  const entries = Object.entries(given);
  demand(entries.length <= 50 && entries.every(([name, values]) => name !== "__proto__" && Array.isArray(values) && values.length <= 5000 && values.every(isValue)));
  return Object.fromEntries(entries);
}

function readOutline(text) {
  const corners = text.split("_").map((corner) => {
    const [, x, y] = matched(/^(-?[0-9a-z]{1,5})\.(-?[0-9a-z]{1,5})$/, corner);
    return [parseInt(x, 36) / CORNER_UNITS, parseInt(y, 36) / CORNER_UNITS];
  });
  return demand(corners.length >= 3 && corners.length <= MOST_CORNERS && corners.flat().every((v) => v >= -2 && v <= 3), corners);
}
