// Keys: one table, which the page obeys and the help lists. Whoever offers a key adds it.

import { stepBack } from "./stepping.js";
import { remember, remembered } from "./remembered.js";

const table = [];

// `keys` as in KeyboardEvent.key, letters small; `shown` is what the help prints on the key and
// `says` what it does. `where` is "map" for keys that only the map obeys, "page" for those that
// work everywhere but where one types. `shift`: whether Shift must be held; any if not given.
export function addKey({ keys, shown, says, act, where = "page", shift = null }) {
  table.push({ keys, shown, says, act, where, shift });
}

export function keysOf(where) {
  return table.filter((entry) => entry.where === where);
}

// Keys of one character can be kept to the map, for those who speak to their computer or hit keys
// without wanting to (WCAG 2.2, 2.1.4).
export const shortcuts = {
  get everywhere() {
    return remembered("keys") !== "map";
  },
  set everywhere(wanted) {
    remember("keys", wanted ? "everywhere" : "map");
  },
};

export function connectKeys(map) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (document.querySelector("dialog[open]")) return; // a dialog has its own Escape
    if (event.key === "Escape") { event.preventDefault(); stepBack(); return; }
    const onMap = event.target === map;
    if (!onMap && (isTypedInto(event.target) || !shortcuts.everywhere)) return;
    const wanted = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const entry = table.find(({ keys, where, shift }) =>
      keys.includes(wanted) && (onMap || where === "page") && (shift === null || shift === event.shiftKey));
    if (!entry) return;
    event.preventDefault();
    entry.act(event);
  });
}

function isTypedInto(node) {
  return node.isContentEditable || ["TEXTAREA", "SELECT"].includes(node.tagName) ||
    (node.tagName === "INPUT" && !["checkbox", "radio", "button"].includes(node.type));
}
