// Marks the words that were searched for in a text.

import { element } from "./dom.js";
import { folded } from "../data/folding.js";

// The text without case and accents, and for each of its characters the place it came from.
function foldedWithPlaces(text) {
  let all = "";
  const places = [];
  let at = 0;
  for (const sign of text) {
    const plain = folded(sign);
    for (let k = 0; k < plain.length; k++) places.push(at);
    all += plain;
    at += sign.length;
  }
  places.push(text.length);
  return { all, places };
}

function spansOf(text, words) {
  const { all, places } = foldedWithPlaces(text);
  const spans = [];
  for (const word of words) {
    for (let at = all.indexOf(word); at >= 0; at = all.indexOf(word, at + word.length)) {
      spans.push([places[at], places[at + word.length]]);
    }
  }
  return spans.sort((a, b) => a[0] - b[0] || b[1] - a[1]);
}

// The text as nodes, with a `mark` around each word of the query.
export function marked(text, query) {
  const words = folded(query).split(/\s+/).filter(Boolean);
  if (!words.length) return [text];
  const nodes = [];
  let end = 0;
  for (const [from, to] of spansOf(text, words)) {
    if (to <= end) continue;
    const start = Math.max(from, end);
    nodes.push(text.slice(end, start), element("mark", { text: text.slice(start, to) }));
    end = to;
  }
  return [...nodes, text.slice(end)].filter((part) => part !== "");
}
