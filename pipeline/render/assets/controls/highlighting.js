// What is pointed at, or reached by keyboard, is highlighted on the map for as long as that lasts.

import { change } from "../state.js";

const PAUSE_MS = 50; // a pointer that only passes by highlights nothing

// `wishOf(node)` gives the highlight (see state.js) of a part of `container`, or null.
export function highlightOn(container, wishOf) {
  let timer = 0;
  const wish = (highlight, pause) => {
    clearTimeout(timer);
    timer = setTimeout(() => change({ highlight }), pause);
  };
  container.addEventListener("pointerover", (event) => {
    if (event.pointerType !== "touch") wish(wishOf(event.target), PAUSE_MS);
  });
  container.addEventListener("pointerleave", () => wish(null, PAUSE_MS));
  container.addEventListener("focusin", (event) => {
    if (event.target.matches(":focus-visible")) wish(wishOf(event.target), 0);
  });
  container.addEventListener("focusout", () => wish(null, PAUSE_MS));
}
