// Tabs: one of several parts is seen. Arrow keys go from tab to tab, as everywhere.

import { element } from "./dom.js";

export class Tabs {
  // `parts`: [{name, node, onSeen}]; `onSeen(isSeen)` is called when a part comes or goes.
  constructor(label, parts) {
    this.parts = parts;
    this.tabs = parts.map(({ name, node }) => {
      const tab = element("button", { type: "button", class: "tab", role: "tab", id: `tab-${node.id}`, "aria-controls": node.id }, element("span", { text: name }));
      node.setAttribute("role", "tabpanel");
      node.setAttribute("aria-labelledby", tab.id);
      tab.addEventListener("click", () => this.show(node));
      return tab;
    });
    this.strip = element("div", { class: "tabs", role: "tablist", "aria-label": label }, ...this.tabs);
    this.strip.addEventListener("keydown", (event) => this.walk(event));
    parts[0].node.before(this.strip);
    this.show(parts[0].node);
  }

  show(node) {
    this.parts.forEach((part, k) => {
      const isSeen = part.node === node;
      part.node.hidden = !isSeen;
      this.tabs[k].setAttribute("aria-selected", String(isSeen));
      this.tabs[k].tabIndex = isSeen ? 0 : -1;
      if (part.onSeen) part.onSeen(isSeen);
    });
  }

  walk(event) {
    const n = this.tabs.length;
    const at = this.tabs.indexOf(document.activeElement);
    const to = { ArrowLeft: (at + n - 1) % n, ArrowRight: (at + 1) % n, Home: 0, End: n - 1 }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    this.show(this.parts[to].node);
    this.tabs[to].focus();
  }
}
