// Titles, authors and abstracts. Large atlases carry them deflated; abstracts are unpacked by block.

const CHUNK_SIZE = 1000;

async function unpack(element) {
  if (element.type === "application/json") return JSON.parse(element.textContent);
  if (typeof DecompressionStream === "undefined") {
    throw new Error("This browser cannot unpack the texts of a large atlas; use one of 2023 or later.");
  }
  const stream = new Blob([bytesOf(element.textContent)]).stream();
  const inflated = stream.pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(inflated).text());
}

const texts = {
  columns: null, // {titles, authors, years, venues, links, sources} once `ready` is fulfilled
  ready: null,
  chunks: new Map(),

  load() {
    this.ready = unpack(document.getElementById("atlas-papers")).then((columns) => {
      this.columns = columns;
    });
    return this.ready;
  },

  // The abstracts of papers 1000 c to 1000 c + 999.
  chunk(c) {
    if (!this.chunks.has(c)) {
      this.chunks.set(c, unpack(document.getElementById(`atlas-abstracts-${c}`)));
    }
    return this.chunks.get(c);
  },

  async abstract(i) {
    return (await this.chunk(Math.floor(i / CHUNK_SIZE)))[i % CHUNK_SIZE];
  },

  title(i) {
    return this.columns ? this.columns.titles[i] : "…";
  },

  byline(i) {
    if (!this.columns) return "";
    const { authors, years, venues } = this.columns;
    return [authors[i], years[i] === null ? "" : String(years[i]), venues[i]].filter(Boolean).join(" · ");
  },
};
