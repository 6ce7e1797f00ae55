// Which papers are in focus: those that pass every condition that is set. A condition is a mask
// under a name, such as `theme`, `search` or `years`; whoever offers it sets and lifts it.

import { atlas } from "./atlas.js";
import { change, state } from "../state.js";

class Focus {
  constructor() {
    this.masks = new Map(); // name -> Uint8Array, 1 for a paper that passes
    this.mask = null; // what all of them leave, or null for every paper
    this.count = atlas.n;
  }

  // Sets the condition of that name, or lifts it with null.
  narrow(name, mask) {
    if (!mask && !this.masks.has(name)) return;
    if (mask) this.masks.set(name, mask);
    else this.masks.delete(name);
    this.mask = combined([...this.masks.values()]);
    this.count = countIn(this.mask);
    change({ focus: state.focus + 1 });
  }

  // What all conditions but one leave: what there is to choose from for that one. Null for all.
  maskWithout(name) {
    return combined([...this.masks].filter(([other]) => other !== name).map(([, mask]) => mask));
  }

  has(name) {
    return this.masks.has(name);
  }

  includes(i) {
    return !this.mask || this.mask[i] === 1;
  }

  // Row numbers of the papers in focus.
  rows() {
    const rows = [];
    for (let i = 0; i < atlas.n; i++) if (this.includes(i)) rows.push(i);
    return rows;
  }
}

function combined(masks) {
  if (masks.length < 2) return masks[0] || null;
  const [first, ...others] = masks;
  const both = first.slice();
  for (const mask of others) for (let i = 0; i < both.length; i++) both[i] &= mask[i];
  return both;
}

function countIn(mask) {
  if (!mask) return atlas.n;
  let count = 0;
  for (let i = 0; i < mask.length; i++) count += mask[i];
  return count;
}

export const focus = new Focus();

// The mask of the papers that pass a test.
export function maskOf(passes) {
  const mask = new Uint8Array(atlas.n);
  for (let i = 0; i < atlas.n; i++) mask[i] = passes(i) ? 1 : 0;
  return mask;
}
