// What is under the pointer, or where the keyboard has gone: title, theme and year, beside it.

import { element } from "./dom.js";
import { atlas, themeAt } from "../data/atlas.js";
import { texts } from "../data/texts.js";

const AWAY = 16; // CSS pixels from the paper
const EDGE = 4;

export class Tooltip {
  constructor(node, scene) {
    this.node = node;
    this.scene = scene;
  }

  get isShown() {
    return !this.node.hidden;
  }

  // Shows paper i beside (x, y) of the map, or nothing for -1.
  show(i, x, y) {
    const { node, scene } = this;
    scene.canvas.classList.toggle("pointing", i >= 0);
    if (i !== scene.hovered) { scene.hovered = i; scene.request(); }
    node.hidden = i < 0;
    if (i < 0) return;
    node.replaceChildren(element("div", { class: "tip-title", text: texts.title(i) }), this.themeLine(i));
    const left = besides(x, node.offsetWidth, scene.camera.width);
    const top = besides(y, node.offsetHeight, scene.camera.height);
    node.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
  }

  themeLine(i) {
    const swatch = element("span", { class: "swatch" });
    swatch.style.backgroundColor = this.scene.ink.pointCss(themeAt(i, atlas.defaultLayer));
    return element("div", { class: "tip-theme" }, swatch, placeOf(i).join(" · "));
  }

  // The same in words, to be said.
  wordsOf(i) {
    return [texts.title(i), ...placeOf(i)].join(", ");
  }
}

// Theme and year of a paper, what is known of them.
function placeOf(i) {
  const theme = themeAt(i, atlas.defaultLayer);
  const year = texts.head(i) && texts.head(i).year;
  return [theme ? theme.name : "Unassigned", ...(year ? [String(year)] : [])];
}

// After `at` where there is room, else before it, and never outside.
function besides(at, size, room) {
  const after = at + AWAY;
  const before = at - AWAY - size;
  const wanted = after + size <= room - EDGE ? after : before;
  return Math.max(EDGE, Math.min(room - EDGE - size, wanted));
}
