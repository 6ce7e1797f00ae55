// The side with themes and filters: a column, or on a phone a sheet over the rest, which then
// waits: what lies behind the sheet cannot be reached until it is closed.

import { NARROW, element } from "./dom.js";
import { stepFirst } from "./stepping.js";

export class Side {
  constructor({ node, toggle, close }, behind, onShown) {
    this.node = node;
    this.toggle = toggle;
    this.behind = behind;
    this.onShown = onShown; // called when the side comes, goes or changes its kind
    this.scrim = element("div", { class: "scrim" });
    this.scrim.addEventListener("click", () => this.show(false));
    toggle.addEventListener("click", () => this.show(!this.isOpen));
    close.addEventListener("click", () => this.show(false));
    stepFirst(() => this.isSheet && this.show(false));
    NARROW.addEventListener("change", () => this.show(!NARROW.matches));
    this.show(!NARROW.matches);
  }

  get isOpen() {
    return !this.node.hidden;
  }

  get isSheet() {
    return this.isOpen && this.scrim.isConnected;
  }

  // Opens or closes, and says so by true. The focus goes into a sheet, and from there to `next`.
  show(open, next = this.toggle) {
    const sheet = open && NARROW.matches;
    const hadFocus = this.node.contains(document.activeElement);
    this.node.hidden = !open;
    this.toggle.setAttribute("aria-expanded", String(open));
    for (const part of this.behind) part.inert = sheet;
    if (sheet) this.node.before(this.scrim);
    else this.scrim.remove();
    this.node.scrollTop = 0;
    if (sheet) this.reach();
    else if (hadFocus && !open) next.focus({ preventScroll: true });
    this.onShown();
    return true;
  }

  // Opens it if need be and gives the focus to its first heading, or to another part of it.
  reach(part = this.node.querySelector("h2")) {
    if (!this.isOpen) this.show(true);
    part.focus();
  }
}
