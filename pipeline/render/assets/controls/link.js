// The address of the page says what is looked at: its fragment is written while one looks around,
// and read when the page opens or the fragment is changed.

import { copyText } from "./copying.js";
import { tell } from "./notice.js";
import { atlas } from "../data/atlas.js";
import { columns } from "../data/columns.js";
import { fromFragment, toFragment } from "../data/fragment.js";
import { texts } from "../data/texts.js";
import { change, follow, state } from "../state.js";

const WRITE_MS = 300;
const KEYS = ["theme", "paper", "query", "years", "undated", "chosen", "lasso", "colourBy", "far", "listed"];
const NOTHING = { theme: -1, paper: -1, query: "", years: null, undated: false, chosen: {}, lasso: null, colourBy: "theme", far: false, listed: false };

export class PageLink {
  constructor(scene) {
    this.scene = scene;
    this.timer = 0;
    this.reads = 0; // the newest counts
    this.written = location.hash.slice(1);
    this.reading = null; // what `begin` and each new fragment start
    scene.atRest.push(() => this.soon());
    follow(KEYS, () => this.soon());
    addEventListener("hashchange", () => { if (location.hash.slice(1) !== this.written) this.reading = this.read(); });
  }

  // Called once all that follows the state is there to hear of it.
  begin() {
    this.reading = this.read();
  }

  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.write(), WRITE_MS);
  }

  async write() {
    clearTimeout(this.timer);
    await this.reading;
    const { paper } = state;
    const id = paper >= 0 ? (await texts.paper(paper)).id : null;
    if (paper !== state.paper) return; // a later change writes its own
    const fragment = toFragment({
      ...state,
      view: this.view(),
      paper: paper >= 0 ? { id, row: paper } : null,
      theme: state.theme >= 0 ? atlas.themes[state.theme].id : null,
      query: state.query.trim(),
    });
    if (fragment === this.written) return;
    this.written = fragment;
    try {
      history.replaceState(null, "", `#${fragment}`);
    } catch { // some browsers refuse it to files
      location.replace(`#${fragment}`);
    }
  }

  // Where the map is seen from, or null where all of it is seen: a link to that fits any window.
  view() {
    const { camera } = this.scene;
    const home = camera.homeView();
    const same = (one, other) => Math.abs(one - other) * camera.scale < 0.5;
    const atHome = same(camera.x, home.x) && same(camera.y, home.y) && Math.abs(camera.scale / home.scale - 1) < 1e-4;
    return atHome ? null : { x: camera.x, y: camera.y, zoom: camera.zoom };
  }

  // All that is at hand is applied at once. Values of columns and papers have to be looked up first:
  // they are applied if the reader has turned to nothing else meanwhile.
  async read() {
    const mine = ++this.reads;
    this.written = location.hash.slice(1);
    const { found, ignored } = fromFragment(this.written);
    const { paper, chosen = {}, ...rest } = found;
    change(partHere(rest, ignored));
    this.move(found);
    const isWanted = untouched(() => mine === this.reads);
    const known = await knownValues(chosen, ignored);
    if (isWanted()) change({ chosen: known });
    const isStillWanted = untouched(isWanted);
    const row = paper ? await rowOf(paper) : -1;
    if (paper && row < 0) ignored.push("paper");
    if (row >= 0 && isStillWanted()) this.open(row, found);
    if (ignored.length && mine === this.reads) tell("Part of the link is not known to this map and is left out.");
  }

  // Last, for a theme moves the map to itself.
  move({ view }) {
    const { camera } = this.scene;
    if (view) this.scene.moveTo(camera.kept({ x: view.x, y: view.y, scale: camera.home * view.zoom }));
    else if (state.theme < 0) this.scene.moveTo(camera.homeView());
  }

  // A paper moves the map too, unless the link says where to look from and the reader does not.
  open(row, { view }) {
    const { camera } = this.scene;
    const { x, y, zoom } = camera;
    change({ paper: row });
    if (view) this.scene.moveTo({ x, y, scale: camera.home * zoom });
  }

  // Fulfilled when the address says what is seen.
  async settled() {
    await this.reading;
    await this.write();
  }

  async copy() {
    await this.settled();
    copyText(location.href, "the link");
  }
}

// What to change at once for the found part of a link; the names of what this map does not have go
// to `ignored`.
function partHere({ view, theme, ...rest }, ignored) {
  const part = { ...NOTHING, ...rest };
  if (part.colourBy !== "theme" && !columns.head(part.colourBy)) { ignored.push("colour"); part.colourBy = "theme"; }
  if (theme === undefined) return part;
  part.theme = atlas.themes.findIndex(({ id }) => id === theme);
  if (part.theme < 0) ignored.push("theme");
  return part;
}

// By name of a column those of the values that it has.
async function knownValues(chosen, ignored) {
  const known = {};
  for (const [name, values] of Object.entries(chosen)) {
    const column = await columns.load(name);
    const here = column && column.codeOf ? values.filter((value) => column.codeOf.has(value)) : [];
    if (here.length < values.length || !column) ignored.push(name);
    if (here.length) known[name] = here;
  }
  return known;
}

// Tells later whether all that a link sets is still as it is now.
function untouched(isNewest) {
  const before = KEYS.map((key) => state[key]);
  return () => isNewest() && KEYS.every((key, k) => state[key] === before[k]);
}

// The row of the paper of an id: where the link says, else wherever a later atlas has it; -1 for none.
async function rowOf({ id, row }) {
  const isThere = row >= 0 && row < atlas.n;
  if (id === null) return isThere ? row : -1;
  return isThere && (await texts.paper(row)).id === id ? row : texts.rowOf(id);
}
