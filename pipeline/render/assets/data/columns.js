// What papers can be filtered and coloured by. A column is unpacked when it is first asked for.

import { atlas } from "./atlas.js";
import { PlaneReader, unpackBytes, unpackJson } from "./blocks.js";

export const NO_YEAR = -32768;

const heads = new Map(atlas.columns.map((head, place) => [head.name, { ...head, place }]));
const loading = new Map();
const loaded = new Map();

async function readYears(place) {
  const reader = new PlaneReader(await unpackBytes(`atlas-column-${place}`));
  const numbers = Int16Array.from(reader.numbers(new Uint16Array(atlas.n), 2), (v) => v + NO_YEAR);
  const counts = new Map();
  for (let i = 0; i < numbers.length; i++) counts.set(numbers[i], (counts.get(numbers[i]) || 0) + 1);
  const nNone = counts.get(NO_YEAR) || 0;
  counts.delete(NO_YEAR);
  const years = [...counts.keys()].sort((a, b) => a - b);
  return { numbers, counts, nNone, first: years[0], last: years.at(-1) };
}

// `codes[i]` is the place of a paper's first value in `values` + 1, 0 for none; `further` has the
// rows and the codes of the others.
async function readCategories(place) {
  const [bytes, fields] = await Promise.all([unpackBytes(`atlas-column-${place}`), unpackJson(`atlas-values-${place}`)]);
  const { values, nFurther, nOthers, isOrdered } = fields;
  const reader = new PlaneReader(bytes);
  const codes = reader.numbers(new Uint16Array(atlas.n), 2);
  const further = { rows: reader.numbers(new Uint32Array(nFurther), 4), codes: reader.numbers(new Uint16Array(nFurther), 2) };
  const codeOf = new Map(values.map((value, k) => [value, k + 1]));
  codeOf.set("", 0);
  return { values, codes, further, codeOf, nOthers, isOrdered };
}

export const columns = {
  // [{name, label, kind: "number" or "category", n: different values}]
  list() {
    return [...heads.values()];
  },

  // [label, reason] of what the papers have and cannot be chosen by.
  leftOut() {
    return atlas.columnsLeftOut;
  },

  head(name) {
    return heads.get(name) || null;
  },

  // Fulfilled with the column, or with null where there is none of that name.
  load(name) {
    const head = heads.get(name);
    if (!head) return Promise.resolve(null);
    if (!loading.has(name)) {
      const read = head.kind === "number" ? readYears : readCategories;
      loading.set(name, read(head.place).then((fields) => {
        const column = { ...head, ...fields };
        loaded.set(name, column);
        return column;
      }));
    }
    return loading.get(name);
  },

  // The column if it is unpacked already, else null.
  here(name) {
    return loaded.get(name) || null;
  },
};

// How many papers of a mask (null: of all) have each value; at 0 those that have none.
export function tally(column, mask) {
  const { codes, further } = column;
  const counts = new Uint32Array(column.values.length + 1);
  for (let i = 0; i < codes.length; i++) if (!mask || mask[i]) counts[codes[i]]++;
  further.rows.forEach((row, k) => { if (!mask || mask[row]) counts[further.codes[k]]++; });
  return counts;
}

// What a value is called; "" stands for the papers that have none.
export function valueName(head, value) {
  return value === "" ? `no ${head.label.toLowerCase()}` : value;
}
