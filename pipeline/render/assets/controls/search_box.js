// The search box and the list of what it found.

import { element } from "./dom.js";
import { addKey } from "./keys.js";
import { paperRow } from "./paper_list.js";
import { stepFirst } from "./stepping.js";
import { focus } from "../data/focus.js";
import { Search } from "../data/search.js";
import { change, follow, state } from "../state.js";

const RESULTS_SHOWN = 50;
const TYPING_MS = 160;

export class SearchBox {
  constructor({ form, input, status, results }, onShown) {
    this.input = input;
    this.status = status;
    this.results = results;
    this.onShown = onShown; // called when the list comes, goes or grows
    this.search = new Search();
    let timer = 0;
    form.addEventListener("submit", (event) => { event.preventDefault(); change({ query: input.value }); });
    input.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => change({ query: input.value }), TYPING_MS);
    });
    input.addEventListener("focus", () => this.show(state.paper < 0 && results.childElementCount > 0));
    stepFirst(() => this.close());
    addKey({ keys: ["/"], shown: "/", says: "search", act: () => input.select() });
    for (const node of [input, results]) node.addEventListener("keydown", (event) => this.walk(event));
    follow(["query"], () => this.run());
    follow(["paper", "listed"], () => { if (state.paper >= 0 || state.listed) this.giveWay(); });
  }

  async run() {
    if (this.input.value !== state.query) this.input.value = state.query;
    this.status.textContent = state.query.trim() ? "…" : "";
    for await (const { rows, found, done } of this.search.find(state.query)) {
      focus.narrow("search", found);
      const count = `${rows.length.toLocaleString("en")}${done ? "" : "…"}`;
      this.status.textContent = found ? `${count} found` : "";
      this.list(found ? rows : []);
    }
  }

  list(rows) {
    this.results.replaceChildren(...rows.slice(0, RESULTS_SHOWN).map((i) => element("li", {}, paperRow(i))));
    this.show(rows.length > 0);
  }

  show(open) {
    this.results.hidden = !open;
    this.onShown();
  }

  // Up and down from the field through what was found, and back.
  walk(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || this.results.hidden) return;
    const stops = [this.input, ...this.results.querySelectorAll("button")];
    const next = stops[stops.indexOf(document.activeElement) + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
  }

  // The paper's panel takes the focus, and gives it back to the field.
  giveWay() {
    if (this.results.contains(document.activeElement)) this.input.focus({ preventScroll: true });
    this.show(false);
  }

  // Escape closes the list and leaves what was found marked on the map.
  close() {
    if (this.results.hidden) return false;
    if (this.results.contains(document.activeElement)) this.input.focus();
    this.show(false);
    return true;
  }
}
