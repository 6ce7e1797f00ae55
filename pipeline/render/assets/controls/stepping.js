// Escape: each press undoes what was opened or narrowed last.

import { focus } from "../data/focus.js";
import { UNNARROWED, change, state } from "../state.js";

const closers = [];

// `close` is asked before anything else is undone; it says whether there was something to close.
export function stepFirst(close) {
  closers.push(close);
}

export function stepBack() {
  if (closers.some((close) => close())) return;
  if (state.paper >= 0) change({ paper: -1 });
  else if (state.listed) change({ listed: false });
  else if (state.theme >= 0) change({ theme: -1 });
  else if (focus.mask) change(UNNARROWED);
}
