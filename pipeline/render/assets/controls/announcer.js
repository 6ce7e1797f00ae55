// Says to screen readers what has changed; the region is `said` in page.html.

import { byId } from "./dom.js";
import { atlas } from "../data/atlas.js";
import { focus } from "../data/focus.js";
import { follow, state } from "../state.js";

const PAUSE_MS = 500; // of typing, sliding and searching, before a number is worth hearing

export function say(text) {
  const node = byId("said");
  // The same words twice are said twice only if something differs.
  node.textContent = node.textContent === text ? `${text}\u00a0` : text;
}

export function connectAnnouncer() {
  let timer = 0;
  let before = { theme: state.theme, paper: state.paper };
  follow(["focus", "theme", "paper"], (changed) => {
    const words = happened(changed, before);
    before = { theme: state.theme, paper: state.paper };
    clearTimeout(timer);
    timer = setTimeout(() => say([words, shownNow()].filter(Boolean).join(" ")), PAUSE_MS);
  });
}

function happened(changed, before) {
  if (changed.has("paper")) return state.paper >= 0 ? "Paper opened." : "Paper closed.";
  if (!changed.has("theme")) return "";
  const theme = atlas.themes[state.theme];
  if (theme) return `Theme ${theme.name}.`;
  return before.theme >= 0 ? "All themes." : "";
}

function shownNow() {
  const all = atlas.n.toLocaleString("en");
  const some = focus.count.toLocaleString("en");
  if (state.query.trim()) return `${some} of ${all} papers found.`;
  return focus.mask ? `${some} of ${all} papers shown.` : `All ${all} papers shown.`;
}
