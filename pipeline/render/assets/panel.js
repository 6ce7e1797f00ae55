// The side panel: one paper with all that is known of it, or one theme with its papers.

const LIST_STEP = 40;

class Panel {
  constructor(node, hooks) {
    this.node = node;
    this.hooks = hooks; // {onPaper, onTheme, onClose, ink}
    this.shown = 0; // counts openings, so that a slow text never lands in another paper's panel
  }

  open(label, ...children) {
    const close = element("button", { type: "button", class: "close", "aria-label": "Close", text: "×" });
    close.addEventListener("click", () => this.hooks.onClose());
    const heading = element("h2", { id: "panel-title", tabindex: "-1", text: label });
    this.node.replaceChildren(close, heading, ...children);
    this.node.hidden = false;
    this.node.scrollTop = 0;
    return ++this.shown;
  }

  close() {
    this.shown++;
    this.node.hidden = true;
    this.node.replaceChildren();
  }

  get isOpen() {
    return !this.node.hidden;
  }

  async showPaper(i) {
    const abstract = element("p", { class: "abstract", text: "" });
    const opening = this.open(texts.title(i),
      element("p", { class: "byline", text: texts.byline(i) || "Authors unknown" }),
      this.crumbs(i),
      ...this.fitNote(i),
      abstract,
      ...this.link(i),
      ...this.sources(i));
    const text = await texts.abstract(i);
    if (opening === this.shown) abstract.textContent = text || "No abstract.";
  }

  // The themes that hold a paper, coarsest first.
  crumbs(i) {
    const row = element("div", { class: "crumbs" });
    let last = null;
    for (let layer = atlas.nLayers - 1; layer >= 0; layer--) {
      const theme = themeAt(i, layer);
      if (!theme || (last && repeatsParent(theme))) continue;
      row.append(this.chip(theme));
      last = theme;
    }
    if (!last) row.append(element("span", { class: "note", text: "Unassigned: it fits no theme." }));
    return row;
  }

  chip(theme) {
    const swatch = element("span", { class: "swatch", "aria-hidden": "true" });
    swatch.style.backgroundColor = this.hooks.ink().pointCss(theme);
    const chip = element("button", { type: "button", class: "chip" }, swatch, element("span", { text: theme.name }));
    chip.addEventListener("click", () => this.hooks.onTheme(theme));
    return chip;
  }

  fitNote(i) {
    const weak = themeAt(i, atlas.defaultLayer) && atlas.strengths[i] < atlas.fringeBelow;
    return weak ? [element("p", { class: "note", text: "At the fringe: it fits this theme weakly." })] : [];
  }

  link(i) {
    const address = texts.columns ? texts.columns.links[i] : "";
    // Checked again here: whatever stands in the data, only a web address becomes a link.
    if (!/^https?:\/\//i.test(address)) return [];
    const host = address.replace(/^https?:\/\//i, "").split("/")[0];
    return [element("p", { class: "link" }, element("a", { href: address, target: "_blank", rel: "noopener noreferrer", text: `Open at ${host}` }))];
  }

  sources(i) {
    const lines = texts.columns ? texts.columns.sources[i] : [];
    return lines.length ? [element("p", { class: "sources", text: `Read from ${lines.join(", ")}` })] : [];
  }

  showTheme(theme) {
    const rows = papersOf(theme);
    const list = element("ul", { class: "paper-list" });
    const more = element("button", { type: "button", class: "plain", text: "Show more" });
    const extend = () => {
      const from = list.children.length;
      for (const i of rows.slice(from, from + LIST_STEP)) list.append(element("li", {}, paperRow(i, this.hooks.onPaper)));
      more.hidden = list.children.length >= rows.length;
    };
    more.addEventListener("click", extend);
    extend();
    const children = theme.children.map((c) => atlas.themes[c]).filter((t) => !repeatsParent(t));
    const chips = element("div", { class: "crumbs" }, ...children.map((t) => this.chip(t)));
    const count = `${rows.length.toLocaleString("en")} ${rows.length === 1 ? "paper" : "papers"}, those that fit best first`;
    this.open(theme.name, element("p", { class: "byline", text: count }), ...(children.length ? [chips] : []), list, more);
  }
}

// A paper in a list: its title, and authors and year below.
function paperRow(i, onPaper) {
  const row = element("button", { type: "button", class: "paper-row" }, element("span", { text: texts.title(i) }), element("small", { text: texts.byline(i) }));
  row.addEventListener("click", () => onPaper(i));
  return row;
}
