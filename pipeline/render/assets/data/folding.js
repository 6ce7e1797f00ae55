// Text as it is compared: accents and case do not matter.

// Small letters without accents. Most of a text is ASCII, of which only the rest is looked at closely.
export function folded(text) {
  return text.replace(/[^\x00-\x7f]+/g, (part) => part.normalize("NFD").replace(/\p{Mn}/gu, "")).toLowerCase(); // eslint-disable-line no-control-regex
}
