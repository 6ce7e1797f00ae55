// The papers in focus as a list: sorted, copied, downloaded.

import { conditionsNow } from "./chips.js";
import { counted, exportControls } from "./download.js";
import { element } from "./dom.js";
import { paperList } from "./paper_list.js";
import { atlas } from "../data/atlas.js";
import { NO_YEAR, columns } from "../data/columns.js";
import { focus } from "../data/focus.js";
import { sorted } from "../data/sorting.js";
import { texts } from "../data/texts.js";
import { follow, state } from "../state.js";

const strength = (i) => (atlas.themeOf[atlas.defaultLayer] && atlas.themeOf[atlas.defaultLayer][i] ? atlas.strengths[i] : -1);
const titles = new Intl.Collator("en", { sensitivity: "base", numeric: true });

const ORDERS = {
  strength: { name: "Best fit first", by: () => (a, b) => strength(b) - strength(a) || a - b },
  newest: { name: "Newest first", by: () => byYear((year) => -year) },
  oldest: { name: "Oldest first", by: () => byYear((year) => year) },
  title: { name: "Title, A to Z", by: async (rows) => {
    await texts.reach(rows);
    return (a, b) => titles.compare(texts.title(a), texts.title(b)) || a - b;
  } },
};

// Papers without a year come last.
async function byYear(rank) {
  const column = await columns.load("year");
  if (!column) return (a, b) => a - b;
  const ranks = Float32Array.from(column.numbers, (year) => (year === NO_YEAR ? 1e6 : rank(year)));
  return (a, b) => ranks[a] - ranks[b] || a - b;
}

export class SelectionView {
  constructor() {
    this.order = "strength";
    this.fills = 0; // the newest counts
    this.filled = null; // promise of the rows of the newest, sorted
    this.parts = null;
    follow(["focus", "query"], () => { if (this.parts && state.listed) this.refill(); });
  }

  sheet() {
    const order = element("select", { class: "picker", "aria-label": "Order" },
      ...Object.entries(ORDERS).map(([value, { name }]) => element("option", { value, text: name })));
    order.value = this.order;
    order.addEventListener("change", () => { this.order = order.value; this.refill(); });
    this.parts = {
      heading: element("h2", { id: "panel-title", tabindex: "-1" }),
      what: element("p", { class: "byline" }),
      list: element("div"),
    };
    const { heading, what, list } = this.parts;
    const controls = element("div", { class: "list-controls" }, order, exportControls(() => this.newest()));
    this.refill();
    return element("section", { class: "sheet", "aria-labelledby": "panel-title" }, heading, what, controls, list);
  }

  refill() {
    this.filled = this.fill(++this.fills);
  }

  // The rows in focus now, in the order that is chosen now, however long they take.
  async newest() {
    const { filled } = this;
    const rows = await filled;
    return filled === this.filled ? rows : this.newest();
  }

  async fill(number) {
    const { heading, what, list } = this.parts;
    heading.textContent = counted(focus.count);
    what.textContent = conditionsNow().map(({ text }) => text).join(" · ") || "All papers of the map";
    list.setAttribute("aria-busy", "true");
    const isNewest = () => number === this.fills;
    const rows = await inOrder(focus.rows(), this.order, isNewest);
    if (!isNewest()) return null;
    list.replaceChildren(...paperList(rows, "Papers in focus"));
    list.removeAttribute("aria-busy");
    return rows;
  }
}

async function inOrder(rows, order, isWanted) {
  const compare = await ORDERS[order].by(rows);
  return isWanted() ? sorted(rows, compare, isWanted) : null;
}
