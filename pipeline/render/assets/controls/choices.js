// The values of one column as a list to choose from: the commonest first, all of them on demand,
// with the number of papers that each would leave.

import { chosenWith } from "./chips.js";
import { element } from "./dom.js";
import { tally, valueName } from "../data/columns.js";
import { focus } from "../data/focus.js";
import { folded } from "../data/folding.js";
import { change, state } from "../state.js";

const SHOWN_FIRST = 6;
const SEARCHED_FROM = 12; // values, from which on the list has a field to find one

export class Choices {
  constructor(column) {
    this.column = column;
    this.showsAll = column.n <= SHOWN_FIRST + 2; // a button to show one more would take as much room
    this.list = element("ul", { class: "picks" });
    this.more = element("button", { type: "button", class: "plain more" });
    this.more.addEventListener("click", () => { this.showsAll = !this.showsAll; this.build(); });
    this.field = element("input", { type: "search", class: "field small", placeholder: `Find among ${column.values.length.toLocaleString("en")}`, "aria-label": `Find a ${column.label.toLowerCase()}`, autocomplete: "off" });
    this.field.addEventListener("input", () => this.build());
    this.field.hidden = column.values.length < SEARCHED_FROM;
    this.none = element("p", { class: "note", text: "None of that name." });
    this.node = element("fieldset", { class: "facet" }, element("legend", { class: "overline", text: column.label }), this.field, this.list, this.none, this.more);
    this.boxes = new Map(); // value -> {box, size}
    const own = tally(column, null);
    this.values = own[0] && own[0] < column.codes.length ? [...column.values, ""] : [...column.values];
    this.build();
  }

  get chosen() {
    return Object.hasOwn(state.chosen, this.column.name) ? state.chosen[this.column.name] : [];
  }

  // Those to be shown: found by name, or the first ones and whatever is chosen.
  listed() {
    const words = folded(this.field.value).split(/\s+/).filter(Boolean);
    if (words.length) return this.values.filter((value) => words.every((word) => folded(valueName(this.column, value)).includes(word)));
    if (this.showsAll) return this.values;
    return this.values.filter((value, place) => place < SHOWN_FIRST || this.chosen.includes(value));
  }

  build() {
    const listed = this.listed();
    this.boxes.clear();
    this.list.replaceChildren(...listed.map((value) => this.choice(value)));
    this.none.hidden = listed.length > 0;
    const rest = this.values.length - SHOWN_FIRST;
    this.more.hidden = Boolean(this.field.value) || this.column.n <= SHOWN_FIRST + 2 || rest <= 0;
    this.more.textContent = this.showsAll ? "Show fewer" : `Show all ${this.values.length.toLocaleString("en")}`;
    this.more.setAttribute("aria-expanded", String(this.showsAll));
    this.update();
  }

  choice(value) {
    const box = element("input", { type: "checkbox", value });
    const size = element("span", { class: "size number" });
    box.addEventListener("change", () => {
      const others = this.chosen.filter((other) => other !== value);
      change({ chosen: chosenWith(this.column.name, box.checked ? [...others, value] : others) });
    });
    this.boxes.set(value, { box, size });
    const name = valueName(this.column, value);
    return element("li", {}, element("label", { class: value === "" ? "pick none" : "pick" }, box, element("span", { class: "name", text: name }), size));
  }

  // What is chosen, and how many papers each value has among those that pass all else.
  update() {
    const { chosen, column } = this;
    if (!this.showsAll && chosen.some((value) => !this.boxes.has(value) && this.values.includes(value)) && !this.field.value) { this.build(); return; }
    const counts = tally(column, focus.maskWithout(`column:${column.name}`));
    for (const [value, { box, size }] of this.boxes) {
      const count = counts[column.codeOf.get(value)];
      box.checked = chosen.includes(value);
      size.textContent = count.toLocaleString("en");
      box.closest("label").classList.toggle("empty", count === 0);
    }
  }
}
