// The clipboard; where the browser refuses it, a box with the text selected, to be copied by hand.

import { element } from "./dom.js";
import { tell } from "./notice.js";

// `what`: "the link", "12 papers as RIS".
export async function copyText(text, what) {
  try {
    await navigator.clipboard.writeText(text);
    tell(`Copied: ${what}.`);
  } catch {
    showForCopying(text, what);
  }
}

function showForCopying(text, what) {
  const title = element("h2", { id: "copying-title", text: `Copy ${what}` });
  const why = element("p", { class: "note", text: "The browser keeps the clipboard closed to this page. The text is selected: press Ctrl+C, or ⌘C." });
  const area = element("textarea", { readonly: "", rows: Math.min(14, 2 + text.split("\n").length), "aria-labelledby": "copying-title", spellcheck: "false" });
  area.value = text;
  const done = element("button", { type: "button", class: "tool", text: "Done" });
  const dialog = element("dialog", { class: "copying", "aria-labelledby": "copying-title" }, title, why, area, done);
  done.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  area.select();
}
