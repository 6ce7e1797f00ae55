// Buttons beside those of the page: the list of papers, the link to what is seen, the marks of
// misplaced papers.

import { element } from "./dom.js";
import { icon } from "./icons.js";
import { tell } from "./notice.js";
import { atlas } from "../data/atlas.js";
import { isFar, lazy } from "../data/lazy.js";
import { change, follow, state } from "../state.js";

export function connectTools(bar, mapTools, link) {
  const list = toggle("papers", "listed", "Papers in focus, as a list");
  const share = element("button", { type: "button", class: "tool icon", id: "copy-link", "aria-label": "Copy a link to this view", title: "Copy a link to this view" }, icon("link"));
  share.addEventListener("click", () => link.copy());
  bar.firstElementChild.after(list, share);
  mapTools.prepend(toggle("far", "far", "Ring papers that the map places far from their nearest ones"));
  follow(["far"], () => { if (state.far) tellFar(); });
}

// A button that switches one key of the state.
function toggle(picture, key, label) {
  const button = element("button", { type: "button", class: "tool icon", id: `toggle-${key}`, "aria-label": label, title: label, "aria-pressed": "false" }, icon(picture));
  button.addEventListener("click", () => change({ [key]: !state[key], ...(key === "listed" ? { paper: -1 } : {}) }));
  follow([key], () => button.setAttribute("aria-pressed", String(state[key])));
  return button;
}

async function tellFar() {
  const count = (await lazy.preservation()).reduce((sum, kept) => sum + isFar(kept), 0);
  if (!state.far) return;
  const share = `${count.toLocaleString("en")} of ${atlas.n.toLocaleString("en")} papers`;
  tell(count ? `${share} lie far from their nearest ones or from their theme, and are ringed.` : "No paper lies far from its nearest ones or from its theme.");
}
