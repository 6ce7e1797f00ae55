// Papers as BibTeX, RIS or CSV. The first two come with the page, written by the same writers as
// `paperatlas export`; what is a table is made here.

import { atlas, themeAt } from "./atlas.js";
import { texts } from "./texts.js";

const BYTE_ORDER_MARK = "\ufeff"; // spreadsheets take UTF-8 for another code page without it
const STEP = 500; // papers between two looks at whether anybody still waits
const COLUMNS = ["id", "title", "abstract", "authors", "year", "venue", "doi", "url", "theme", "theme_strength"];

export const FORMATS = {
  bibtex: { name: "BibTeX", ending: "bib", type: "application/x-bibtex", head: "", entry: (paper) => `${paper.bibtex}\n` },
  ris: { name: "RIS", ending: "ris", type: "application/x-research-info-systems", head: "", entry: (paper) => `${withAbstract(paper)}\r\n` },
  csv: { name: "CSV", ending: "csv", type: "text/csv;charset=utf-8", head: `${BYTE_ORDER_MARK}${COLUMNS.join(",")}\r\n`, entry: csvRow },
};

// The texts of the papers in a format, in portions; `goOn(n)` hears how many are done and says whether to go on.
export async function written(format, rows, goOn = () => true) {
  const parts = [format.head];
  for (let from = 0; from < rows.length; from += STEP) {
    if (!goOn(from)) return null;
    const step = rows.slice(from, from + STEP);
    const entries = await Promise.all(step.map(async (i) => format.entry(await texts.paper(i), i)));
    parts.push(entries.join(""));
  }
  return parts;
}

// The record with the abstract, on one line, before what ends it.
function withAbstract({ ris, abstract }) {
  const line = oneLine(abstract);
  if (!line || /^AB {2}- /m.test(ris)) return ris;
  return ris.replace(/^ER {2}- /m, () => `AB  - ${line}\r\nER  - `);
}

function oneLine(text) {
  return text.replace(/[\u0000-\u0008\u000e-\u001b\u007f-\u0084\u0086-\u009f\ufffe\uffff]/g, "").replace(/\s+/g, " ").trim(); // eslint-disable-line no-control-regex
}

// RFC 4180.
function csvRow(paper, i) {
  const theme = themeAt(i, atlas.defaultLayer);
  const link = paper.links.length ? paper.links[paper.links.length - 1][1] : "";
  const strength = theme ? (atlas.strengths[i] / 255).toFixed(2) : "";
  const cells = [paper.id, paper.title, paper.abstract, listed(paper.authors), paper.year, paper.venue, paper.doi, link, theme ? theme.name : "", strength];
  return `${cells.map(cell).join(",")}\r\n`;
}

// What a spreadsheet would run as a formula gets an apostrophe, as `guard_cell` in Python gives it.
function cell(value) {
  const text = oneLine(String(value ?? ""));
  const safe = /^'*[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

// `A; B`; as JSON where a name holds what parts names elsewhere.
function listed(names) {
  const odd = names.some((name) => name !== "et al." && /[;,|&[\](){}]|\band\b|\bet al/i.test(name));
  return odd ? JSON.stringify(names) : names.join("; ");
}
