// Search over titles, authors and abstracts: every word must occur; accents and case do not matter.

import { atlas } from "./atlas.js";
import { folded } from "./folding.js";
import { Turns } from "./pausing.js";
import { texts } from "./texts.js";

const TOLD_EVERY_MS = 700;
const LINES = 3; // of a paper in a chunk: head, abstract, details

export class Search {
  constructor() {
    this.run = 0; // a newer search stops an older one
    this.heads = []; // by chunk: titles and authors, folded once
  }

  words(query) {
    return folded(query).split(/\s+/).filter(Boolean);
  }

  // Yields {rows, found, done}: first from the titles and authors that are at hand, then with the
  // abstracts, now and then on the way; stops when a newer search began.
  async *find(query) {
    const run = ++this.run;
    const words = this.words(query);
    if (!words.length) { yield { rows: [], found: null, done: true }; return; }
    const found = new Uint8Array(atlas.n);
    const rows = [];
    const add = (i) => { if (!found[i]) { found[i] = 1; rows.push(i); } };
    const turns = new Turns();
    for (let c = 0; c < texts.nChunks; c++) {
      this.headsOf(c).forEach((head, k) => { if (allIn(words, head)) add(c * atlas.chunkSize + k); });
      if (turns.isOver) await turns.pause();
      if (run !== this.run) return;
    }
    const told = (done) => ({ rows: rows.slice(), found: found.slice(), done });
    yield told(false);
    let last = performance.now();
    for (let c = 0; c < texts.nChunks; c++) {
      const text = await texts.chunk(c);
      if (run !== this.run) return;
      for (const k of placesIn(text, words)) add(c * atlas.chunkSize + k);
      if (!turns.isOver) continue;
      await turns.pause();
      if (run !== this.run) return;
      if (performance.now() - last > TOLD_EVERY_MS) { last = performance.now(); yield told(false); }
    }
    yield told(true);
  }

  // The heads of a chunk as they are compared; none while they are packed.
  headsOf(c) {
    const heads = texts.heads[c];
    if (!heads) return [];
    return (this.heads[c] = this.heads[c] || heads.map(({ title, authors }) => folded(`${title}\n${authors}`)));
  }
}

function allIn(words, text) {
  return words.every((word) => text.includes(word));
}

// Which papers of a chunk have all words in title, authors or abstract. The words are looked for in its
// lines as they are, in small letters; only where all stand there is one parsed and read closely.
function placesIn(text, words) {
  const plain = folded(text);
  const sought = words.map((word) => JSON.stringify(word).slice(1, -1));
  if (!allIn(sought, plain)) return [];
  const plainLines = plain.split("\n");
  const lines = text.split("\n");
  const places = [];
  for (let at = 0; at < lines.length; at += LINES) {
    const stands = (word) => plainLines[at].includes(word) || plainLines[at + 1].includes(word);
    if (sought.every(stands) && isMatch(lines[at], lines[at + 1], words)) places.push(at / LINES);
  }
  return places;
}

function isMatch(head, abstract, words) {
  const [title, authors] = JSON.parse(head);
  return allIn(words, folded(`${title}\n${authors}\n${JSON.parse(abstract)}`));
}
