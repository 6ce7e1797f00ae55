// What is unpacked when it is first asked for: each paper's true neighbours, how well its place on the
// map keeps them, what speaks for themes and for neighbours.

import { atlas } from "./atlas.js";
import { PlaneReader, unpackBytes, unpackJson } from "./blocks.js";

function once(make) {
  let made = null;
  return () => (made = made || make());
}

async function readNeighbors() {
  const reader = new PlaneReader(await unpackBytes("atlas-neighbors"));
  const { n } = atlas;
  const [k] = reader.next(1);
  const rows = new Int32Array(n * k);
  const similarities = new Float32Array(n * k);
  for (let j = 0; j < k; j++) {
    const column = reader.numbers(new Int32Array(n), 3);
    for (let i = 0; i < n; i++) rows[i * k + j] = column[i] - 1;
  }
  const levels = new Uint8Array(n).fill(255);
  for (let j = 0; j < k; j++) {
    const steps = reader.next(n);
    for (let i = 0; i < n; i++) {
      levels[i] -= steps[i];
      similarities[i * k + j] = levels[i] / 255;
    }
  }
  return { k, rows, similarities };
}

export const lazy = {
  // How well the map keeps each paper beside its neighbours: n bytes, 255 for all of them.
  preservation: once(() => unpackBytes("atlas-preservation")),

  // {k, rows, similarities}: those of paper i from k i on, nearest first; row -1 where there is none.
  neighbors: once(readNeighbors),

  // By place in `atlas.themes`: {terms, evidence, stability}, what speaks for it.
  themes: once(() => unpackJson("atlas-themes")),

  // The words and patterns that reasons are judged by; see reasons.js.
  rules: once(() => unpackJson("atlas-rules")),
};

// Whether the map places a paper, of which it keeps so much, far from its nearest ones or its theme.
export function isFar(kept) {
  return kept < atlas.farBelow;
}
