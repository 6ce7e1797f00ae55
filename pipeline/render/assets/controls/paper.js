// All that is known of one paper, and its true nearest papers with what the texts say of why.

import { copyText } from "./copying.js";
import { element } from "./dom.js";
import { icon } from "./icons.js";
import { marked } from "./marking.js";
import { nearestList } from "./nearest.js";
import { themeChip } from "./theme_chip.js";
import { atlas, repeatsParent, themeAt } from "../data/atlas.js";
import { isFar, lazy } from "../data/lazy.js";
import { texts } from "../data/texts.js";
import { follow, state } from "../state.js";

const STATUS = /^\[(retracted|withdrawn)\] /;
const MISPLACED = "The map places this paper far from the papers nearest to it in meaning, or from the rest of its theme; trust the list below more than its place.";

export class PaperView {
  constructor(ties, goOn) {
    this.ties = ties;
    this.goOn = goOn; // called with a nearest paper that is chosen
    this.remark = () => {}; // marks the present query's words in the paper that is shown
    follow(["query"], () => this.remark());
  }

  // What the panel shows of paper i; texts that are still packed come into it when they are there.
  sheet(i) {
    const parts = {
      heading: element("h2", { id: "panel-title", tabindex: "-1" }),
      status: element("div", { class: "statuses" }),
      byline: element("p", { class: "byline" }),
      links: element("p", { class: "links" }),
      far: element("div"),
      abstract: element("p", { class: "abstract short", id: "panel-abstract" }),
      whole: element("button", { type: "button", class: "plain whole", "aria-controls": "panel-abstract", text: "Whole abstract" }),
      actions: element("div", { class: "actions" }),
      nearest: element("section", { class: "nearest", "aria-label": "Nearest in meaning" }),
      identity: element("dl", { class: "identity" }),
    };
    this.fillHead(parts, i);
    parts.whole.hidden = true;
    parts.whole.addEventListener("click", () => unfold(parts));
    const sheet = element("article", { class: "sheet" }, parts.status, parts.heading, parts.byline, parts.links,
      crumbs(i), ...fitNote(i), parts.far, parts.abstract, parts.whole, parts.actions, parts.nearest, parts.identity);
    this.fill(parts, i);
    return sheet;
  }

  fillHead(parts, i) {
    const title = texts.title(i);
    const status = STATUS.exec(title);
    const badges = status ? [element("span", { class: "badge", text: status[1] })] : [];
    parts.status.replaceChildren(...badges);
    parts.heading.replaceChildren(...marked(title.replace(STATUS, ""), state.query));
    parts.byline.replaceChildren(...marked(texts.byline(i) || "Authors unknown", state.query));
  }

  async fill(parts, i) {
    const [paper, preservation, neighbors] = await Promise.all([texts.paper(i), lazy.preservation(), lazy.neighbors()]);
    if (!parts.heading.isConnected) return; // another paper has taken its place
    this.remark = () => {
      if (!parts.heading.isConnected) return;
      this.fillHead(parts, i);
      fillAbstract(parts, paper.abstract || "No abstract.");
    };
    this.remark();
    parts.links.replaceChildren(...paper.links.map(webLink).filter(Boolean));
    parts.actions.append(copyButton("Cite as BibTeX", paper.bibtex, "the BibTeX entry"), copyButton("RIS", paper.ris, "the RIS record"));
    parts.identity.append(...identity(paper));
    if (isFar(preservation[i])) parts.far.append(farNote(MISPLACED));
    parts.nearest.append(...nearestList(i, paper, neighbors, { ties: this.ties, goOn: this.goOn }));
  }
}

function farNote(text) {
  return element("p", { class: "note far-note" }, icon("far", 16), element("span", { text }));
}

// Long ones are folded, so that the nearest papers are in sight; not where a word is marked in them.
function fillAbstract(parts, text) {
  parts.abstract.replaceChildren(...marked(text, state.query));
  if (parts.abstract.querySelector("mark")) unfold(parts);
  else parts.whole.hidden = parts.abstract.scrollHeight <= parts.abstract.clientHeight + 1;
}

function unfold({ abstract, whole }) {
  if (document.activeElement === whole) abstract.closest(".panel").querySelector("h2").focus({ preventScroll: true });
  abstract.classList.remove("short");
  whole.hidden = true;
}

// The themes that hold a paper, coarsest first.
function crumbs(i) {
  const row = element("div", { class: "crumbs" });
  for (let layer = atlas.nLayers - 1; layer >= 0; layer--) {
    const theme = themeAt(i, layer);
    if (theme && !repeatsParent(theme)) row.append(themeChip(theme));
  }
  if (!row.children.length) row.append(element("span", { class: "note", text: "Unassigned: it fits no theme well." }));
  return row;
}

function fitNote(i) {
  const weak = themeAt(i, atlas.defaultLayer) && atlas.strengths[i] < atlas.fringeBelow;
  return weak ? [element("p", { class: "note", text: "At the fringe: it fits this theme weakly." })] : [];
}

// Checked again here: whatever stands in the data, only a web address becomes a link.
function webLink([label, address]) {
  if (!/^https?:\/\//i.test(address)) return null;
  return element("a", { href: address, target: "_blank", rel: "noopener noreferrer", text: label });
}

function copyButton(label, text, what) {
  const button = element("button", { type: "button", class: "tool small" }, icon("copy", 14), element("span", { text: label }));
  button.addEventListener("click", () => copyText(text, what));
  return button;
}

// Ids, each with a button that copies it, and the lines that the paper was read from.
function identity({ id, doi, identifiers, sources }) {
  const rows = [["Id", id], ["DOI", doi], ...identifiers.map((text) => { const [scheme, ...rest] = text.split(":"); return [scheme, rest.join(":")]; })];
  const nodes = rows.filter(([, value]) => value).flatMap(([name, value]) => {
    const copy = element("button", { type: "button", class: "copy", "aria-label": `Copy ${name}` }, icon("copy", 14));
    copy.addEventListener("click", () => copyText(value, `${name} ${value}`));
    return [element("dt", { text: name }), element("dd", {}, element("code", { text: value }), copy)];
  });
  if (sources.length) nodes.push(element("dt", { text: "Read from" }), element("dd", { class: "sources", text: sources.join(", ") }));
  return nodes;
}
