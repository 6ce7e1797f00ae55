// Links that lead past what one has heard before. They move the focus and leave the address alone:
// its fragment says what is looked at.

import { byId } from "./dom.js";

export function connectSkips() {
  for (const link of document.querySelectorAll(".skip")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      byId(link.getAttribute("href").slice(1)).focus();
    });
  }
}
