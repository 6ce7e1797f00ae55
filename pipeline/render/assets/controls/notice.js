// A short word to the reader, which a screen reader speaks too, gone after a while.

import { element } from "./dom.js";

const SHOWN_MS = 5000;

const node = element("p", { class: "told", role: "status" });
let timer = 0;

export function placeNotices(host) {
  host.append(node);
}

export function tell(text) {
  clearTimeout(timer);
  node.textContent = text;
  timer = setTimeout(() => { node.textContent = ""; }, SHOWN_MS);
}
