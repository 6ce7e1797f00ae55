// A way back where no paper is in view: a map that is only ground says nothing.

import { element } from "./dom.js";
import { atlas } from "../data/atlas.js";

export class EmptyView {
  constructor(scene, host, showAll) {
    const back = element("button", { type: "button", class: "plain", text: "Show the whole map" });
    back.addEventListener("click", showAll);
    this.node = element("div", { class: "nothing-here", role: "group", "aria-label": "Empty view" },
      element("span", { text: "No paper here." }), back, element("kbd", { text: "0" }));
    this.node.hidden = true;
    host.append(this.node);
    scene.atRest.push(() => { this.node.hidden = !atlas.n || seesAny(scene); });
  }
}

function seesAny({ camera }) {
  const [left, right, top, bottom] = [camera.worldX(0), camera.worldX(camera.width), camera.worldY(0), camera.worldY(camera.height)];
  for (let i = 0; i < atlas.n; i++) {
    if (atlas.x[i] >= left && atlas.x[i] <= right && atlas.y[i] >= top && atlas.y[i] <= bottom) return true;
  }
  return false;
}
