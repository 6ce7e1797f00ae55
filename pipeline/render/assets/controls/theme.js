// One theme: what speaks for its name, its years, the themes within and beside it, its papers.

import { counted } from "./download.js";
import { element } from "./dom.js";
import { paperList } from "./paper_list.js";
import { themeChip } from "./theme_chip.js";
import { atlas, papersOf, repeatsParent, themeAt } from "../data/atlas.js";
import { NO_YEAR, columns } from "../data/columns.js";
import { lazy } from "../data/lazy.js";
import { change } from "../state.js";

const NEIGHBOURS_SHOWN = 5;
const TERMS_SHOWN = 8;
const WIDEST_BAR = 1.8; // rem

export class ThemeView {
  sheet(theme) {
    const rows = papersOf(theme);
    const proof = element("div", { class: "proof" });
    const years = element("div");
    const beside = element("div");
    const share = `${counted(rows.length)}, ${percent(rows.length / Math.max(1, atlas.n))} of the map`;
    const parents = [];
    for (let t = atlas.themes[theme.parent]; t; t = atlas.themes[t.parent]) if (t.name !== theme.name) parents.unshift(t);
    const children = theme.children.map((c) => atlas.themes[c]).filter((t) => !repeatsParent(t));
    this.fillProof(proof, theme);
    this.fillYears(years, rows);
    this.fillBeside(beside, theme, rows);
    return element("article", { class: "sheet" },
      element("h2", { id: "panel-title", tabindex: "-1", text: theme.name }),
      element("p", { class: "byline", text: share }),
      proof, years, actions(),
      ...section("Part of", parents.map((t) => themeChip(t))),
      ...section("Divides into", children.map((t) => themeChip(t, t.size.toLocaleString("en")))),
      beside,
      element("h3", { text: "Papers, those that fit best first" }),
      ...paperList(rows, `Papers of ${theme.name}`));
  }

  async fillProof(node, theme) {
    const { terms, evidence, stability } = (await lazy.themes())[theme.index];
    if (evidence.length) node.append(element("p", { class: "note", text: `Its name: ${evidence.join("; ")}.` }));
    if (terms.length) node.append(element("ul", { class: "terms", "aria-label": "Its terms" }, ...terms.slice(0, TERMS_SHOWN).map((text) => element("li", { text }))));
    if (stability === null || stability === undefined) return;
    node.append(element("p", { class: "note", text: `Stability ${stability.toFixed(2)}: how often two of its papers are together again when the themes are found without a fifth of the papers; 1.00 is always.` }));
  }

  async fillYears(node, rows) {
    const column = await columns.load("year");
    if (!column) return;
    const counts = new Map();
    for (const i of rows) {
      const year = column.numbers[i];
      if (year !== NO_YEAR) counts.set(year, (counts.get(year) || 0) + 1);
    }
    if (counts.size > 1) node.append(sparkline(counts));
  }

  // Themes of its layer to which the papers nearest to its own belong most often.
  async fillBeside(node, theme, rows) {
    const neighbors = await lazy.neighbors();
    const links = new Map();
    let n = 0;
    for (const i of rows) {
      for (let r = i * neighbors.k; r < (i + 1) * neighbors.k; r++) {
        const other = neighbors.rows[r] >= 0 ? themeAt(neighbors.rows[r], theme.layer) : null;
        if (!other) continue;
        n++;
        if (other !== theme) links.set(other, (links.get(other) || 0) + 1);
      }
    }
    const near = [...links].sort((a, b) => b[1] - a[1] || a[0].index - b[0].index).slice(0, NEIGHBOURS_SHOWN);
    const chips = near.map(([other, count]) => themeChip(other, percent(count / n)));
    node.append(...section("Nearest themes", chips, "So many of the papers nearest to its papers belong there."));
  }
}

function actions() {
  const list = element("button", { type: "button", class: "tool small", text: "Sort, copy or download its papers" });
  list.addEventListener("click", () => change({ listed: true }));
  return element("div", { class: "actions" }, list);
}

function section(title, nodes, hint = "") {
  if (!nodes.length) return [];
  const explained = hint ? [element("p", { class: "note", text: hint })] : [];
  return [element("h3", { text: title }), ...explained, element("div", { class: "crumbs" }, ...nodes)];
}

function percent(share) {
  return share > 0 && share < 0.01 ? "under 1%" : `${Math.round(100 * share)}%`;
}

// Papers by year as small bars; the numbers are told to those who do not see them.
function sparkline(counts) {
  const years = [...counts.keys()].sort((a, b) => a - b);
  const [first, last] = [years[0], years[years.length - 1]];
  const most = Math.max(...counts.values());
  const bars = element("div", { class: "bars" });
  for (let year = first; year <= last; year++) {
    const bar = element("span", { title: `${year}: ${counts.get(year) || 0}` });
    bar.style.height = `${Math.max(counts.has(year) ? 6 : 0, (100 * (counts.get(year) || 0)) / most)}%`;
    bars.append(bar);
  }
  const peak = years.find((year) => counts.get(year) === most);
  const told = `Papers by year from ${first} to ${last}, most in ${peak} with ${most}`;
  const spark = element("div", { class: "spark", role: "img", "aria-label": told }, bars,
    element("div", { class: "spark-years", "aria-hidden": "true" }, element("span", { text: first }), element("span", { text: last })));
  spark.style.maxWidth = `${Math.max(5, WIDEST_BAR * (last - first + 1))}rem`;
  return spark;
}
