// The side panel: one paper, one theme, or the papers in focus as a list. What lay beneath a paper
// comes back as it was left.

import { element } from "./dom.js";
import { icon } from "./icons.js";
import { PaperView } from "./paper.js";
import { SelectionView } from "./selection.js";
import { repaintSwatches } from "./theme_chip.js";
import { ThemeView } from "./theme.js";
import { atlas } from "../data/atlas.js";
import { texts } from "../data/texts.js";
import { change, follow, state } from "../state.js";

export class Panel {
  constructor(node, ties, onShown) {
    this.node = node;
    this.onShown = onShown; // called when the panel comes, goes or changes
    this.opener = null; // what had the focus before the panel took it
    this.trail = []; // papers that led to the open one, each through its nearest papers
    this.shown = -1; // the paper that is shown
    this.beneath = null; // {name, sheet, top}: the theme or list under a paper
    this.papers = new PaperView(ties, (i) => this.goOn(i));
    this.themes = new ThemeView();
    this.selection = new SelectionView();
    follow(["theme", "paper", "listed"], (changed) => this.update(changed));
    new ResizeObserver(() => { if (this.isOpen) onShown(); }).observe(node); // texts come late
    follow(["mode"], () => repaintSwatches(node));
  }

  get isOpen() {
    return !this.node.hidden;
  }

  update(changed) {
    if (!this.isOpen) this.opener = document.activeElement;
    const former = this.shown;
    this.shown = state.paper;
    if (state.paper >= 0) this.showPaper(state.paper);
    else if (state.listed) this.showBeneath("list", () => this.selection.sheet(), former);
    else if (state.theme >= 0) this.showBeneath(`theme ${state.theme}`, () => this.themes.sheet(atlas.themes[state.theme]), former);
    else this.close();
    this.onShown();
    if (this.isOpen && (state.paper >= 0 || (state.listed && changed.has("listed")))) this.heading.focus({ preventScroll: true });
  }

  get heading() {
    return this.node.querySelector("h2");
  }

  showPaper(i) {
    if (this.beneath && this.beneath.sheet.isConnected) this.beneath.top = this.node.scrollTop;
    this.open(this.papers.sheet(i), { paper: -1 }, this.backButton());
  }

  // From a paper to one of its nearest.
  goOn(i) {
    this.trail.push(state.paper);
    change({ paper: i });
  }

  backButton() {
    if (!this.trail.length) return null;
    const last = this.trail[this.trail.length - 1];
    const back = element("button", { type: "button", class: "plain back" }, icon("back", 14), element("span", { text: texts.title(last) }));
    back.addEventListener("click", () => { this.trail.pop(); change({ paper: last }); });
    return back;
  }

  // A theme or the list; where a paper lay over it, at the place and the row that one left.
  showBeneath(name, make, former) {
    this.trail = [];
    const kept = this.beneath && this.beneath.name === name ? this.beneath : null;
    this.beneath = kept || { name, sheet: make(), top: 0 };
    this.open(this.beneath.sheet, name === "list" ? { listed: false } : { theme: -1 });
    this.node.scrollTop = this.beneath.top;
    repaintSwatches(this.node);
    const row = kept && former >= 0 && this.node.querySelector(`[data-paper="${former}"]`);
    if (row) row.focus({ preventScroll: true });
  }

  open(sheet, undo, ...before) {
    const close = element("button", { type: "button", class: "close", "aria-label": "Close", text: "×" });
    close.addEventListener("click", () => { this.trail = []; change(undo); });
    const hadFocus = this.node.contains(document.activeElement);
    this.node.replaceChildren(close, ...before.filter(Boolean), sheet);
    this.node.hidden = false;
    this.node.scrollTop = 0;
    if (hadFocus) this.heading.focus({ preventScroll: true });
  }

  close() {
    const hadFocus = this.node.contains(document.activeElement);
    this.trail = [];
    this.beneath = null;
    this.node.hidden = true;
    this.node.replaceChildren();
    if (!hadFocus) return;
    const back = this.opener && this.opener.isConnected && this.opener !== document.body ? this.opener : document.getElementById("map");
    back.focus({ preventScroll: true });
  }
}

