// The panel of filters: years, then the values of each column. It is made when it is first seen.

import { Choices } from "./choices.js";
import { conditionsNow } from "./chips.js";
import { element } from "./dom.js";
import { Histogram } from "./histogram.js";
import { NO_YEAR, columns } from "../data/columns.js";
import { focus } from "../data/focus.js";
import { UNNARROWED, change, follow, state } from "../state.js";

export class Filters {
  constructor(node) {
    this.node = node;
    this.parts = []; // each has `update`
    this.isSeen = false;
    this.made = null;
    this.waiting = 0;
    this.clear = element("button", { type: "button", class: "plain", text: "Clear all" });
    this.clear.addEventListener("click", () => { change(UNNARROWED); this.heading.focus(); });
    this.heading = element("h2", { class: "unseen", tabindex: "-1", text: "Filters" });
    node.append(element("div", { class: "side-head" }, this.heading, this.clear));
    follow(["focus", "years", "undated", "chosen", "theme", "query", "lasso"], () => this.updateSoon());
    this.update();
  }

  // Called when the panel comes into sight or goes out of it.
  see(isSeen) {
    this.isSeen = isSeen;
    if (isSeen && !this.made) this.made = this.make();
    this.update();
  }

  async make() {
    const offered = await Promise.all(columns.list().map((head) => columns.load(head.name)));
    for (const column of offered) {
      const part = column.kind === "number" ? new Years(column) : new Choices(column);
      this.parts.push(part);
      this.node.append(part.node);
    }
    this.node.append(...this.notes(offered.length));
    this.update();
  }

  notes(nOffered) {
    const lines = columns.leftOut().map(([label, reason]) => element("li", { text: `${label}: ${reason}` }));
    if (!lines.length) return nOffered ? [] : [element("p", { class: "note facet", text: "These papers have nothing to filter by." })];
    return [element("details", { class: "facet left-out note" }, element("summary", { text: "Columns without a filter" }), element("ul", {}, ...lines))];
  }

  // Once a frame, whatever changes meanwhile.
  updateSoon() {
    this.waiting = this.waiting || requestAnimationFrame(() => { this.waiting = 0; this.update(); });
  }

  update() {
    this.clear.hidden = !conditionsNow().length;
    if (this.isSeen) for (const part of this.parts) part.update();
  }
}

class Years {
  constructor(column) {
    this.column = column;
    this.histogram = new Histogram(column);
    this.node = element("fieldset", { class: "facet" }, element("legend", { class: "overline", text: column.label }), this.histogram.node);
    this.undated = null;
    if (column.nNone) this.node.append(this.choice());
  }

  // Papers without a year are no part of any span: whether they are wanted is a choice of its own.
  choice() {
    const box = element("input", { type: "checkbox" });
    const size = element("span", { class: "size number" });
    box.addEventListener("change", () => change({ undated: box.checked }));
    this.undated = { box, size };
    return element("label", { class: "pick none" }, box, element("span", { class: "name", text: "no year" }), size);
  }

  update() {
    this.histogram.update();
    if (!this.undated) return;
    const others = focus.maskWithout("years");
    const { numbers } = this.column;
    let count = 0;
    for (let i = 0; i < numbers.length; i++) if (numbers[i] === NO_YEAR && (!others || others[i])) count++;
    this.undated.box.checked = state.undated;
    this.undated.size.textContent = count.toLocaleString("en");
  }
}
