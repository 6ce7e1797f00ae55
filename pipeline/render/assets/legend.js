// The tree of themes: coarse ones open into finer ones; pressing one shows it alone.

function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "class") node.className = value;
    else if (name === "text") node.textContent = value;
    else if (value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

const SVG = "http://www.w3.org/2000/svg";

function chevron() {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  for (const [name, value] of [["viewBox", "0 0 12 12"], ["width", "10"], ["height", "10"], ["aria-hidden", "true"]]) svg.setAttribute(name, value);
  for (const [name, value] of [["d", "M4 2l4 4-4 4"], ["fill", "none"], ["stroke", "currentColor"], ["stroke-width", "1.8"]]) path.setAttribute(name, value);
  svg.append(path);
  return svg;
}

class Legend {
  constructor(tree, clear, onChoose) {
    this.tree = tree;
    this.clear = clear;
    this.onChoose = onChoose;
    this.buttons = new Map(); // theme index -> its button
    this.swatches = [];
    clear.addEventListener("click", () => onChoose(null));
  }

  build() {
    const roots = atlas.themes.filter((t) => t.parent < 0).sort(bySize);
    const visible = atlas.themes.filter((t) => t.layer >= atlas.defaultLayer).length;
    for (const theme of roots) this.tree.append(this.branch(theme, visible <= 45));
    const row = atlas.themeOf[atlas.defaultLayer];
    const nUnassigned = row ? row.reduce((sum, v) => sum + (v ? 0 : 1), 0) : atlas.n;
    if (nUnassigned) this.tree.append(this.unassigned(nUnassigned));
  }

  branch(theme, opened) {
    const item = element("li");
    const line = element("div", { class: "branch" });
    const swatch = element("span", { class: "swatch", "aria-hidden": "true" });
    this.swatches.push([swatch, theme]);
    const button = element("button", { type: "button", class: "theme", "aria-pressed": "false" },
      swatch,
      element("span", { class: "name", text: theme.name }),
      element("span", { class: "size", text: theme.size.toLocaleString("en"), "aria-label": `${theme.size} papers` }));
    button.addEventListener("click", () => this.onChoose(button.getAttribute("aria-pressed") === "true" ? null : theme));
    this.buttons.set(theme.index, button);
    const children = theme.children.map((c) => atlas.themes[c]).filter((t) => !repeatsParent(t)).sort(bySize);
    line.append(this.twist(theme, children, item, opened && theme.layer > atlas.defaultLayer), button);
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
        this.paint(this.ink);
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

  paint(ink) {
    this.ink = ink;
    if (ink) for (const [swatch, theme] of this.swatches) swatch.style.backgroundColor = ink.pointCss(theme);
  }

  mark(theme) {
    for (const [index, button] of this.buttons) button.setAttribute("aria-pressed", String(Boolean(theme) && theme.index === index));
    this.clear.hidden = !theme;
  }
}

function bySize(a, b) {
  return b.size - a.size || a.index - b.index;
}
