// What narrows the map now: a chip for each condition, with a button that lifts it, and how many
// papers are left.

import { byId, element } from "./dom.js";
import { atlas } from "../data/atlas.js";
import { columns, valueName } from "../data/columns.js";
import { focus } from "../data/focus.js";
import { inkNow } from "../drawing/ink.js";
import { UNNARROWED, change, follow, state } from "../state.js";

const VALUES_SHOWN = 4; // chips of one column; more of them are told as a number

export function yearsText([first, last]) {
  return first === last ? String(first) : `${first}–${last}`;
}

// `chosen` with other values for one column.
export function chosenWith(name, values) {
  const others = Object.entries(state.chosen).filter(([other]) => other !== name);
  return Object.fromEntries(values.length ? [...others, [name, values]] : others);
}

export class Chips {
  constructor(node, onShown) {
    this.node = node;
    this.onShown = onShown; // called when the row comes, goes or changes
    this.row = element("ul", { class: "chips", "aria-label": "What is shown" });
    this.count = element("p", { class: "chips-count number" });
    this.list = element("button", { type: "button", class: "plain", text: "List them" });
    this.clear = element("button", { type: "button", class: "plain", text: "Clear all" });
    this.list.addEventListener("click", () => change({ listed: true, paper: -1 }));
    this.clear.addEventListener("click", () => { change(UNNARROWED); byId("map").focus({ preventScroll: true }); });
    node.append(this.row, element("div", { class: "chips-end" }, this.count, this.list, this.clear));
    follow(["theme", "query", "years", "undated", "chosen", "lasso", "focus", "mode"], () => this.show());
    this.show();
  }

  show() {
    const had = this.row.contains(document.activeElement);
    const place = had ? [...this.row.querySelectorAll("button")].indexOf(document.activeElement) : -1;
    this.row.replaceChildren(...conditionsNow().map((condition) => chip(condition)));
    this.node.hidden = !this.row.childElementCount;
    this.count.textContent = `${focus.count.toLocaleString("en")} of ${atlas.n.toLocaleString("en")} papers`;
    this.list.disabled = focus.count === 0;
    if (had) this.keepFocus(place);
    this.onShown();
  }

  // After a chip has gone the keyboard goes on with the next one.
  keepFocus(place) {
    const buttons = this.row.querySelectorAll("button");
    (buttons[Math.min(place, buttons.length - 1)] || byId("map")).focus({ preventScroll: true });
  }
}

function chip({ text, lift, theme }) {
  const button = element("button", { type: "button", class: "lift", "aria-label": `Remove ${text}`, text: "×" });
  button.addEventListener("click", () => change(lift));
  const swatch = element("span", { class: "swatch", "aria-hidden": "true" });
  if (theme) swatch.style.backgroundColor = inkNow().pointCss(theme);
  return element("li", { class: "chip active" }, ...(theme ? [swatch] : []), element("span", { class: "chip-text", text, title: text }), button);
}

// [{text, lift}]: what is set, and the change that lifts it.
export function conditionsNow() {
  const found = [];
  const theme = atlas.themes[state.theme];
  if (theme) found.push({ text: theme.name, lift: { theme: -1 }, theme });
  if (state.query.trim()) found.push({ text: `“${state.query.trim()}”`, lift: { query: "" } });
  if (state.years) found.push({ text: yearsText(state.years), lift: { years: null } });
  if (state.undated) found.push({ text: "no year", lift: { undated: false } });
  for (const [name, values] of Object.entries(state.chosen)) found.push(...chosenConditions(name, values));
  if (state.lasso) found.push({ text: "drawn outline", lift: { lasso: null } });
  return found;
}

function chosenConditions(name, values) {
  const head = columns.head(name);
  if (!head) return [];
  const label = head.label.toLowerCase();
  if (values.length > VALUES_SHOWN) {
    return [{ text: `${label}: ${values.length} chosen`, lift: { chosen: chosenWith(name, []) } }];
  }
  return values.map((value) => ({
    text: value === "" ? valueName(head, value) : `${label}: ${value}`,
    lift: { chosen: chosenWith(name, values.filter((other) => other !== value)) },
  }));
}
