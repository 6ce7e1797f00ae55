// What the colours of the points mean: a choice of theme, year or a column, and below it the scale
// or the values. An entry highlights its papers when it is pointed at and wants only them when it
// is pressed. For themes the tree of themes is the legend.

import { chosenWith, yearsText } from "./chips.js";
import { element } from "./dom.js";
import { highlightOn } from "./highlighting.js";
import { atlas } from "../data/atlas.js";
import { columns, valueName } from "../data/columns.js";
import { inkNow } from "../drawing/ink.js";
import { paintNow } from "../drawing/paint.js";
import { change, follow, state } from "../state.js";

const SEGMENTS = 8; // of a scale of years, about

export class ColourBy {
  constructor(node, onShown) {
    this.node = node;
    this.onShown = onShown; // called when the legend comes, goes or changes its size
    this.select = element("select", { id: "colour-by", class: "field" });
    for (const { name, label } of [{ name: "theme", label: "Theme" }, ...columns.list()]) {
      this.select.append(element("option", { value: name, text: label }));
    }
    this.select.addEventListener("change", () => change({ colourBy: this.select.value }));
    this.key = element("div", { class: "key" });
    node.append(element("div", { class: "colour-by" }, element("label", { for: "colour-by", text: "Colour by" }), this.select), this.key);
    node.hidden = !columns.list().length;
    this.entries = []; // [button, is it chosen?]
    highlightOn(this.key, (target) => this.wishOf(target));
    follow(["painted", "mode"], () => this.show());
    follow(["years", "chosen"], () => this.mark());
    this.show();
  }

  wishOf(target) {
    const entry = target.closest("button");
    const found = this.entries.find(({ button }) => button === entry);
    return found ? found.highlight : null;
  }

  show() {
    const paint = paintNow();
    this.select.value = paint.name;
    this.entries = [];
    if (paint.name === "theme") this.key.replaceChildren();
    else if (paint.column.kind === "number") this.key.replaceChildren(...this.scale(paint));
    else this.key.replaceChildren(this.values(paint));
    this.mark();
    this.onShown();
  }

  mark() {
    for (const { button, isChosen } of this.entries) button.setAttribute("aria-pressed", String(isChosen()));
  }

  entry(button, highlight, isChosen, press) {
    button.addEventListener("click", press);
    this.entries.push({ button, highlight, isChosen });
    return button;
  }

  // The years in a few steps of about as many papers, each in its own part of the scale.
  scale(paint) {
    const css = paint.css(inkNow());
    const colour = (year) => css[1 + paint.place(year)];
    const segments = segmentsOf(paint);
    const { nNone } = paint.column;
    const row = element("div", { class: "scale" }, ...segments.map(([from, to], k) => {
      const bar = element("span", { class: "scale-bar" });
      bar.style.background = `linear-gradient(to right, ${colour(from)}, ${colour(to)})`;
      const shown = segments.length <= 4 || k % 2 === 0;
      const name = element("span", { class: "scale-year number", "aria-hidden": "true", text: shown ? (from < paint.low ? `≤${to}` : String(from)) : "" });
      const button = element("button", { type: "button", class: "scale-part", "aria-label": yearsText([from, to]), title: yearsText([from, to]) }, bar, name);
      const isChosen = () => Boolean(state.years) && state.years[0] === from && state.years[1] === to;
      return this.entry(button, { years: [from, to] }, isChosen, () => change({ years: isChosen() ? null : [from, to] }));
    }));
    const none = element("p", { class: "key-entry still" }, swatchOf(null), element("span", { class: "name", text: "no year" }));
    return nNone ? [row, none] : [row];
  }

  values(paint) {
    const { column, nNamed } = paint;
    const css = paint.css(inkNow());
    const list = element("ul", { class: "key-list" });
    const add = (...children) => list.append(element("li", {}, ...children));
    column.values.slice(0, nNamed).forEach((value, k) => add(this.value(column, value, css[k + 1])));
    const nOthers = column.values.length - nNamed - (column.nOthers ? 1 : 0) + column.nOthers;
    if (nOthers) add(element("p", { class: "key-entry still" }, swatchOf(css[nNamed + 1]), element("span", { class: "name", text: `${nOthers.toLocaleString("en")} ${nOthers === 1 ? "other" : "others"}` })));
    if (column.codes.includes(0)) add(this.value(column, "", null));
    return list;
  }

  value(column, value, css) {
    const name = valueName(column, value);
    const button = element("button", { type: "button", class: "key-entry" }, swatchOf(css), element("span", { class: "name", text: name, title: name }));
    const chosen = () => (Object.hasOwn(state.chosen, column.name) ? state.chosen[column.name] : []);
    const isChosen = () => chosen().includes(value);
    return this.entry(button, { column: column.name, values: [value] }, isChosen, () => {
      const others = chosen().filter((other) => other !== value);
      change({ chosen: chosenWith(column.name, isChosen() ? others : [...others, value]) });
    });
  }
}

function swatchOf(css) {
  const swatch = element("span", { class: "swatch", "aria-hidden": "true" });
  if (css) swatch.style.backgroundColor = css;
  return swatch;
}

// Spans of years with about as many papers each; the outer ones reach as far as there are papers.
function segmentsOf({ low, high, column }) {
  const enough = (atlas.n - column.nNone) / SEGMENTS;
  const segments = [];
  let [from, held] = [column.first, 0];
  for (let year = column.first; year <= column.last; year++) {
    held += column.counts.get(year) || 0;
    const isEnd = (year === low && year > column.first) || year === column.last || held >= enough;
    if (year < low || (year >= high && year < column.last) || !isEnd) continue;
    segments.push([from, year]);
    [from, held] = [year + 1, 0];
  }
  return segments;
}
