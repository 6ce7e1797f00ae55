// The tree of themes: coarse ones open into finer ones. Pointing at one highlights it on the map,
// pressing it shows it alone; where there are many, a field finds one by its name.

import { element, svgElement } from "./dom.js";
import { highlightOn } from "./highlighting.js";
import { stepFirst } from "./stepping.js";
import { atlas, repeatsParent } from "../data/atlas.js";
import { focus } from "../data/focus.js";
import { folded } from "../data/folding.js";
import { inkNow } from "../drawing/ink.js";
import { change, follow, state } from "../state.js";

const SEARCHED_FROM = 25; // themes, from which on there is a field to find one
const OPENED_UP_TO = 45; // themes down to the default layer, that are all shown at first

function chevron() {
  const path = svgElement("path", { d: "M4 2l4 4-4 4", fill: "none", stroke: "currentColor", "stroke-width": "1.8" });
  return svgElement("svg", { viewBox: "0 0 12 12", width: "10", height: "10", "aria-hidden": "true" }, path);
}

export class Legend {
  constructor(tree, clear) {
    this.tree = tree;
    this.clear = clear;
    this.entries = new Map(); // theme index -> {button, swatch, size}
    this.counts = null; // papers in focus by theme index, or null where every paper is
    this.wanted = null; // indices of the themes that were searched for and of those above them
    this.waiting = 0;
    this.isSeen = true;
    clear.addEventListener("click", () => change({ theme: -1, paper: -1 }));
    follow(["theme"], () => this.mark());
    follow(["mode", "painted"], () => this.paint());
    follow(["focus"], () => this.countSoon());
    highlightOn(tree, (target) => {
      const entry = target.closest("[data-theme]");
      return entry && { theme: Number(entry.dataset.theme) };
    });
    this.addField();
    this.build();
  }

  addField() {
    this.field = element("input", { type: "search", class: "field small", placeholder: "Find a theme", "aria-label": "Find a theme", autocomplete: "off" });
    this.nothing = element("p", { class: "note nothing", text: "No theme of that name." });
    this.field.hidden = atlas.themes.filter((theme) => !repeatsParent(theme)).length < SEARCHED_FROM;
    // The tab says what this is; without a field beside it the heading says it too.
    const heading = this.clear.parentElement.querySelector("h2");
    heading.classList.toggle("unseen", !this.field.hidden);
    this.clear.before(this.field);
    this.tree.before(this.nothing);
    this.field.addEventListener("input", () => this.search());
    stepFirst(() => this.forget());
  }

  search() {
    const words = folded(this.field.value).split(/\s+/).filter(Boolean);
    this.wanted = words.length ? new Set() : null;
    for (const theme of words.length ? atlas.themes : []) {
      const name = folded(theme.name);
      if (repeatsParent(theme) || !words.every((word) => name.includes(word))) continue;
      for (let t = theme; t; t = atlas.themes[t.parent]) this.wanted.add(t.index);
    }
    this.build();
  }

  // Escape in the field shows all themes again.
  forget() {
    if (!this.field.value || document.activeElement !== this.field) return false;
    this.field.value = "";
    this.search();
    return true;
  }

  build() {
    this.entries.clear();
    const roots = this.shown(atlas.themes.filter((t) => t.parent < 0));
    const visible = atlas.themes.filter((t) => t.layer >= atlas.defaultLayer).length;
    this.tree.replaceChildren(...roots.map((theme) => this.branch(theme, visible <= OPENED_UP_TO)));
    const row = atlas.themeOf[atlas.defaultLayer];
    const nUnassigned = row ? row.reduce((sum, v) => sum + (v ? 0 : 1), 0) : atlas.n;
    if (nUnassigned && !this.wanted) this.tree.append(this.unassigned(nUnassigned));
    this.nothing.hidden = !this.wanted || roots.length > 0;
    this.mark();
    this.paint();
    this.count();
  }

  shown(themes) {
    return themes.filter((theme) => !this.wanted || this.wanted.has(theme.index)).sort(bySize);
  }

  branch(theme, opened) {
    const item = element("li");
    const line = element("div", { class: "branch" });
    const swatch = element("span", { class: "swatch", "aria-hidden": "true" });
    const size = element("span", { class: "size number" });
    const button = element("button", { type: "button", class: "theme", "aria-pressed": "false", "data-theme": theme.index },
      swatch,
      element("span", { class: "name", text: theme.name }),
      size);
    button.addEventListener("click", () => change({ theme: state.theme === theme.index ? -1 : theme.index, paper: -1 }));
    this.entries.set(theme.index, { button, swatch, size });
    const children = this.shown(childrenOf(theme));
    line.append(this.twist(theme, children, item, this.wanted || (opened && theme.layer > atlas.defaultLayer)), button);
    item.prepend(line);
    return item;
  }

  // The button that opens a branch; the branch is made when it is first opened.
  twist(theme, children, item, opened) {
    const button = element("button", { type: "button", class: children.length ? "twist" : "twist none", "aria-expanded": "false", "aria-label": `Themes within ${theme.name}` }, chevron());
    if (!children.length) { button.tabIndex = -1; return button; }
    let list = null;
    const set = (open) => {
      if (!list) {
        list = element("ul");
        for (const child of children) list.append(this.branch(child, opened));
        item.append(list);
        this.mark();
        this.paint();
        this.tell();
      }
      list.hidden = !open;
      button.setAttribute("aria-expanded", String(open));
    };
    button.addEventListener("click", () => set(button.getAttribute("aria-expanded") !== "true"));
    if (opened) set(true);
    return button;
  }

  unassigned(count) {
    return element("li", {}, element("div", { class: "branch" },
      element("span", { class: "twist none" }),
      element("p", { class: "theme" },
        element("span", { class: "swatch", "aria-hidden": "true" }),
        element("span", { class: "name", text: "Unassigned" }),
        element("span", { class: "size", text: count.toLocaleString("en") }))));
  }

  // The colours of the themes, while the map has them.
  paint() {
    this.tree.classList.toggle("uncoloured", state.colourBy !== "theme");
    for (const [index, { swatch }] of this.entries) swatch.style.backgroundColor = inkNow().pointCss(atlas.themes[index]);
  }

  mark() {
    for (const [index, { button }] of this.entries) button.setAttribute("aria-pressed", String(index === state.theme));
    this.clear.hidden = state.theme < 0;
  }

  // Called when the tree comes into sight or goes out of it.
  see(isSeen) {
    this.isSeen = isSeen;
    if (isSeen) this.count();
  }

  // Once a frame, whatever changes meanwhile.
  countSoon() {
    if (this.isSeen) this.waiting = this.waiting || requestAnimationFrame(() => { this.waiting = 0; this.count(); });
  }

  // How many papers of each theme pass all that is asked for beside a theme.
  count() {
    const mask = focus.maskWithout("theme");
    this.counts = mask ? new Uint32Array(atlas.themes.length + 1) : null;
    for (const row of mask ? atlas.themeOf : []) {
      for (let i = 0; i < row.length; i++) if (mask[i] && row[i]) this.counts[row[i] - 1]++;
    }
    this.tell();
  }

  tell() {
    for (const [index, { button, size }] of this.entries) {
      const all = atlas.themes[index].size.toLocaleString("en");
      const some = this.counts ? this.counts[index].toLocaleString("en") : "";
      size.replaceChildren(...(this.counts ? [element("b", { text: some }), ` / ${all}`] : [all]));
      size.append(element("span", { class: "visually-hidden", text: " papers" }));
      button.classList.toggle("empty", this.counts !== null && this.counts[index] === 0);
    }
  }
}

// The themes right below one; where one goes on unchanged for a layer, those below that.
function childrenOf(theme) {
  return theme.children.map((c) => atlas.themes[c]).flatMap((child) => (repeatsParent(child) ? childrenOf(child) : [child]));
}

function bySize(a, b) {
  return b.size - a.size || a.index - b.index;
}
