// Rows in an order, without a long stop of the page.

import { Turns } from "./pausing.js";

const RUN = 1000; // rows that are sorted, or merged, between two looks at the clock

// The rows sorted, or null where `isWanted()` told on the way that nobody waits any more.
export async function sorted(rows, compare, isWanted) {
  const turns = new Turns();
  let runs = [];
  for (let from = 0; from < rows.length; from += RUN) {
    runs.push(rows.slice(from, from + RUN).sort(compare));
    if (turns.isOver) await turns.pause();
    if (!isWanted()) return null;
  }
  while (runs.length > 1) {
    const longer = [];
    for (let k = 0; k < runs.length; k += 2) {
      const both = [];
      for (const _ of merging(runs[k], runs[k + 1] || [], compare, both)) {
        if (turns.isOver) await turns.pause();
        if (!isWanted()) return null;
      }
      longer.push(both);
    }
    runs = longer;
  }
  return runs[0] || [];
}

// Merges two sorted lists into `both`; stops now and then.
function* merging(one, other, compare, both) {
  let i = 0;
  let j = 0;
  while (i < one.length || j < other.length) {
    const isFirst = j >= other.length || (i < one.length && compare(one[i], other[j]) <= 0);
    both.push(isFirst ? one[i++] : other[j++]);
    if (both.length % RUN === 0) yield;
  }
}
