// The papers nearest to one in the embedding space, not on the map, with reasons that can be checked.

import { element } from "./dom.js";
import { icon } from "./icons.js";
import { themeSwatch } from "./theme_chip.js";
import { atlas, themeAt } from "../data/atlas.js";
import { isFar } from "../data/lazy.js";
import { reasonJudge } from "../data/reasons.js";
import { texts } from "../data/texts.js";

const NAMED_AUTHORS = 3;

export function nearestList(i, paper, { k, rows, similarities }, { ties, goOn }) {
  const found = [];
  for (let r = i * k; r < (i + 1) * k; r++) if (rows[r] >= 0) found.push({ row: rows[r], similarity: similarities[r] });
  const heading = element("h3", { text: "Nearest in meaning" });
  if (!found.length) return [heading, element("p", { class: "note", text: "No paper is known to be near to it." })];
  const far = farOnMap(i, found.map(({ row }) => row), k);
  const entries = found.map((near, place) => nearEntry(near, far[place], { ties, goOn }));
  giveReasons(paper, found, entries);
  const list = element("ol", { class: "near-list" }, ...entries.map(({ node }) => element("li", {}, node)));
  const frame = element("button", { type: "button", class: "plain", text: "Show all on the map" });
  frame.addEventListener("click", () => ties.frame());
  const note = element("p", { class: "note", text: "By the texts themselves, wherever the map puts them." });
  return [element("div", { class: "section-head" }, heading, frame), note, list];
}

// Which of these papers lie far from paper i on the map: so many lie nearer as `farBelow` allows to none.
function farOnMap(i, rows, k) {
  const gap = (j) => (atlas.x[j] - atlas.x[i]) ** 2 + (atlas.y[j] - atlas.y[i]) ** 2;
  const gaps = rows.map(gap);
  const nearer = new Uint32Array(rows.length);
  for (let j = 0; j < atlas.n; j++) {
    const own = gap(j);
    for (let r = 0; r < rows.length; r++) if (own < gaps[r] && j !== i) nearer[r]++;
  }
  const nFarther = atlas.n - 1 - k;
  return [...nearer].map((n) => nFarther > 0 && isFar(255 * (1 - Math.max(0, n - (k - 1)) / nFarther)));
}

function nearEntry({ row, similarity }, far, { ties, goOn }) {
  const bar = element("span", { class: "likeness", "aria-hidden": "true" }, element("span"));
  bar.firstChild.style.width = `${Math.round(100 * similarity)}%`;
  const title = element("span", { class: "near-title", text: texts.title(row) });
  const byline = element("small", { text: texts.byline(row) });
  if (!texts.head(row)) texts.reach([row]).then(() => { title.textContent = texts.title(row); byline.textContent = texts.byline(row); });
  const reasons = element("span", { class: "reasons" });
  const measure = element("span", { class: "measure" }, bar, element("span", { class: "number", text: similarity.toFixed(2), title: "Cosine similarity of the two texts" }));
  if (far) measure.append(element("span", { class: "far-mark" }, icon("far", 13), element("span", { text: "far on the map" })));
  const node = element("button", { type: "button", class: "near", "data-paper": row },
    themeSwatch(themeAt(row, atlas.defaultLayer)),
    element("span", { class: "near-text" },
      title, byline, measure, reasons));
  node.addEventListener("click", () => goOn(row));
  for (const event of ["pointerenter", "focus"]) node.addEventListener(event, () => ties.emphasise(row));
  for (const event of ["pointerleave", "blur"]) node.addEventListener(event, () => ties.emphasise(-1));
  return { node, reasons };
}

async function giveReasons(paper, found, entries) {
  const judge = await reasonJudge();
  const side = judge.sideOf(paper);
  for (const [place, { row }] of found.entries()) {
    const other = await texts.paper(row);
    if (place && !entries[place].node.isConnected) return; // another paper is open by now
    entries[place].reasons.replaceChildren(...worded(reasonsFor(judge, side, paper, other)));
  }
}

// {phrases, authors, venue} that two papers share.
function reasonsFor(judge, side, paper, other) {
  const own = new Set(paper.authors.map((name) => name.toLowerCase()));
  own.delete("et al.");
  return {
    phrases: judge.shared(side, other),
    authors: other.authors.filter((name) => own.has(name.toLowerCase())),
    venue: paper.venue && paper.venue === other.venue ? paper.venue : "",
  };
}

function worded({ phrases, authors, venue }) {
  const parts = [];
  if (phrases.length) parts.push(`both say ${phrases.map((text) => `“${text}”`).join(", ")}`);
  if (authors.length) {
    const more = authors.length - NAMED_AUTHORS;
    parts.push(`same author${authors.length > 1 ? "s" : ""}: ${authors.slice(0, NAMED_AUTHORS).join(", ")}${more > 0 ? ` and ${more} more` : ""}`);
  }
  if (venue) parts.push(`same venue: ${venue}`);
  if (!parts.length) parts.push("no telling phrase in common: near by the texts as wholes");
  return parts.map((text) => element("span", { class: "reason", text }));
}

// The phrases that two papers share, by their rows.
export async function sharedPhrases(i, j) {
  const [judge, paper, other] = await Promise.all([reasonJudge(), texts.paper(i), texts.paper(j)]);
  return judge.shared(judge.sideOf(paper), other);
}
