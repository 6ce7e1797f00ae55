// Search over titles, authors and abstracts: every word must occur; accents and case do not matter.

const RESULTS_SHOWN = 50;
const PLAIN_ASCII = /^[\x00-\x7f]*$/; // eslint-disable-line no-control-regex

function folded(text) {
  if (PLAIN_ASCII.test(text)) return text.toLowerCase();
  return text.normalize("NFD").replace(/\p{Mn}/gu, "").toLowerCase();
}

function pause() {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

class Search {
  constructor() {
    this.run = 0; // a newer search stops an older one
    this.heads = null;
  }

  words(query) {
    return folded(query).split(/\s+/).filter(Boolean);
  }

  async headTexts() {
    await texts.ready;
    const { titles, authors } = texts.columns;
    this.heads = this.heads || titles.map((title, i) => folded(`${title}\n${authors[i]}`));
    return this.heads;
  }

  // Yields {rows, found, done}: first from titles and authors, then with the abstracts, or stops
  // when a newer search began.
  async *find(query) {
    const run = ++this.run;
    const words = this.words(query);
    if (!words.length) { yield { rows: [], found: null, done: true }; return; }
    const heads = await this.headTexts();
    const found = new Uint8Array(atlas.n);
    const rows = [];
    const add = (i) => { found[i] = 1; rows.push(i); };
    for (let i = 0; i < atlas.n; i++) if (words.every((w) => heads[i].includes(w))) add(i);
    if (run !== this.run) return;
    yield { rows: rows.slice(), found, done: false };
    for (let c = 0; c * CHUNK_SIZE < atlas.n; c++) {
      const abstracts = await texts.chunk(c);
      if (c % 4 === 3) await pause();
      if (run !== this.run) return;
      abstracts.forEach((abstract, k) => {
        const i = c * CHUNK_SIZE + k;
        if (found[i]) return;
        const body = folded(abstract);
        if (words.every((w) => body.includes(w) || heads[i].includes(w))) add(i);
      });
    }
    yield { rows, found, done: true };
  }
}
