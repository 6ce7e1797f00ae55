// Titles, authors, abstracts and citations, unpacked by chunks of rows. What a list shows of a paper,
// its head, is kept; all else is let go when it has not been used for long.

import { atlas } from "./atlas.js";
import { unpackText } from "./blocks.js";

const KEPT_CHARACTERS = 64e6; // of whole texts, in the chunks used last
const LINES = 3; // of a paper: head, abstract, details; see pipeline/render/payload_texts.py
const ALL_HEADS = 250000; // up to so many papers the heads of all are unpacked at once

class Texts {
  constructor() {
    this.nChunks = Math.ceil(atlas.n / atlas.chunkSize);
    this.heads = []; // by chunk: the heads of its papers, once it has been unpacked
    this.chunks = new Map(); // number -> promise of its text; those used last stand last
    this.sizes = new Map(); // number -> characters
    this.kept = 0;
  }

  // The text of a chunk.
  chunk(c) {
    const known = this.chunks.get(c);
    this.chunks.delete(c);
    const text = known || this.read(c);
    this.chunks.set(c, text);
    return text;
  }

  async read(c) {
    const text = await unpackText(`atlas-texts-${c}`);
    if (!this.heads[c]) this.heads[c] = text.split("\n").filter((_, line) => line % LINES === 0).map(headOf);
    this.sizes.set(c, text.length);
    this.kept += text.length;
    this.release(c);
    return text;
  }

  // Lets go of the chunks that have not been used for longest.
  release(fresh) {
    for (const c of this.chunks.keys()) {
      if (this.kept <= KEPT_CHARACTERS) return;
      if (c === fresh || !this.sizes.has(c)) continue;
      this.kept -= this.sizes.get(c);
      this.sizes.delete(c);
      this.chunks.delete(c);
    }
  }

  // Unpacks the heads of these papers.
  async reach(rows) {
    const wanted = new Set(rows.map((i) => Math.floor(i / atlas.chunkSize)));
    for (const c of wanted) if (!this.heads[c]) await this.chunk(c);
  }

  // Unpacks the heads of all papers, unless they are too many to hold.
  async load() {
    if (atlas.n > ALL_HEADS) return;
    for (let c = 0; c < this.nChunks; c++) if (!this.heads[c]) await this.chunk(c);
  }

  // {title, authors, year, venue, sources}, or undefined while they are not unpacked.
  head(i) {
    const heads = this.heads[Math.floor(i / atlas.chunkSize)];
    return heads && heads[i % atlas.chunkSize];
  }

  // The same with {id, doi, bibtex, ris, abstract, identifiers, links}, `authors` as a list of names,
  // `venue` without a category, and the paper's own `title`, "" where it has none.
  async paper(i) {
    const lines = (await this.chunk(Math.floor(i / atlas.chunkSize))).split("\n");
    const [head, abstract, details] = lines.slice(LINES * (i % atlas.chunkSize));
    const [id, doi, bibtex, ris, title, authors, venue, identifiers, links] = JSON.parse(details);
    return { ...headOf(head), abstract: JSON.parse(abstract), id, doi, bibtex, ris, title, authors, venue, identifiers, links };
  }

  // The row of the paper of an id, or -1.
  async rowOf(id) {
    for (let c = 0; c < this.nChunks; c++) {
      const details = (await this.chunk(c)).split("\n").filter((text, line) => text && line % LINES === LINES - 1);
      const place = details.findIndex((line) => JSON.parse(line)[0] === id);
      if (place >= 0) return c * atlas.chunkSize + place;
    }
    return -1;
  }

  title(i) {
    const head = this.head(i);
    return head ? head.title : "…";
  }

  byline(i) {
    const head = this.head(i);
    if (!head) return "";
    return [head.authors, head.year === null ? "" : String(head.year), head.venue].filter(Boolean).join(" · ");
  }
}

function headOf(line) {
  const [title, authors, year, venue, sources] = JSON.parse(line);
  return { title, authors, year, venue, sources };
}

export const texts = new Texts();
