// Papers as a file or on the clipboard, in the format that is chosen.

import { copyText } from "./copying.js";
import { element } from "./dom.js";
import { tell } from "./notice.js";
import { FORMATS, written } from "../data/citing.js";

const COPIED_AT_MOST = 5000; // papers; more is a file, not a clipboard

function saveFile(name, type, parts) {
  const address = URL.createObjectURL(new Blob(parts, { type }));
  const link = element("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

// A choice of format, and buttons that copy or save what `rows()`, a promise, gives then.
export function exportControls(rows) {
  const choice = element("select", { class: "picker", "aria-label": "Format" },
    ...Object.entries(FORMATS).map(([value, { name }]) => element("option", { value, text: name })));
  const copy = element("button", { type: "button", class: "tool small", text: "Copy" });
  const save = element("button", { type: "button", class: "tool small", text: "Download" });
  const progress = element("span", { class: "note progress", role: "status" });
  const node = element("div", { class: "export" }, choice, copy, save, progress);
  const act = async (finish, most = Infinity) => {
    const format = FORMATS[choice.value];
    copy.disabled = save.disabled = true;
    try {
      const wanted = await rows();
      if (wanted.length > most) { tell(`More than ${most.toLocaleString("en")} papers: download them as a file.`); return; }
      const parts = await written(format, wanted, (done) => {
        progress.textContent = done ? `${done.toLocaleString("en")} of ${wanted.length.toLocaleString("en")}…` : "";
        return node.isConnected;
      });
      if (parts) finish(format, parts, wanted.length);
    } catch {
      tell("Some of these papers could not be read from this file; it may be damaged. Nothing was copied or saved.");
    } finally {
      progress.textContent = "";
      copy.disabled = save.disabled = false;
    }
  };
  copy.addEventListener("click", () => act((format, parts, n) => copyText(parts.join("").replace("\ufeff", ""), `${counted(n)} as ${format.name}`), COPIED_AT_MOST));
  save.addEventListener("click", () => act((format, parts) => saveFile(`papers.${format.ending}`, format.type, parts)));
  return node;
}

export function counted(n) {
  return `${n.toLocaleString("en")} ${n === 1 ? "paper" : "papers"}`;
}
