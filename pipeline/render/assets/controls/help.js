// The dialog that says what can be done, by mouse, finger and keyboard.

import { element } from "./dom.js";
import { addKey, keysOf, shortcuts } from "./keys.js";

const BY_HAND = [
  ["Drag", "move the map"],
  ["Wheel or pinch", "zoom"],
  ["Click or tap a point", "open the paper"],
  ["Click a theme", "show it alone, with the list of its papers"],
];

export class Help {
  constructor(dialog, button) {
    this.dialog = dialog;
    button.addEventListener("click", () => this.open());
    addKey({ keys: ["?"], shown: "?", says: "this list", act: () => this.open() });
    // A click beside the dialog lands on the dialog itself.
    dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  }

  open() {
    const close = element("button", { type: "button", class: "close", "aria-label": "Close", text: "×" });
    close.addEventListener("click", () => this.dialog.close());
    const part = (label, ...children) => element("section", {}, element("h3", { class: "overline", text: label }), ...children);
    this.dialog.replaceChildren(element("div", { class: "help-body" },
      element("h2", { id: "help-title", text: "How to use this map" }),
      close,
      part("By hand", list(BY_HAND)),
      part("Keys on the map", list(keysOf("map").map(({ shown, says }) => [shown, says]), "kbd")),
      part("Keys on the whole page", list([...keysOf("page").map(({ shown, says }) => [shown, says]), ["Esc", "one step back"]], "kbd"), this.everywhere()),
      part("This file", element("p", { class: "note", text:
        "Everything is inside this one file. It asks the network for nothing and sends nothing; only a link that you follow yourself leads out." }))));
    this.dialog.showModal();
  }

  everywhere() {
    const box = element("input", { type: "checkbox", id: "keys-everywhere" });
    box.checked = shortcuts.everywhere;
    box.addEventListener("change", () => { shortcuts.everywhere = box.checked; });
    return element("label", { class: "check", for: "keys-everywhere" }, box, "also when the map does not have the focus");
  }
}

function list(pairs, tag = "span") {
  return element("dl", { class: "keys" }, ...pairs.map(([name, says]) =>
    element("div", {}, element("dt", {}, element(tag, { text: name })), element("dd", { text: says }))));
}
