// Says in words what the picture shows: how much of the map is seen, and which names stand on it.

import { byId } from "./dom.js";
import { say } from "./announcer.js";
import { atlas } from "../data/atlas.js";
import { focus } from "../data/focus.js";
import { state } from "../state.js";

const NAMES_TOLD = 12;

export class Outlook {
  constructor(scene) {
    this.scene = scene;
    this.told = "";
    scene.atRest.push(() => this.update());
  }

  update() {
    const { x, y, scale, width, height } = this.scene.camera;
    const looked = [x, y, scale, width, height, state.focus, this.scene.names.boxes().length].join();
    if (looked === this.told) return;
    this.told = looked;
    byId("map-seen").textContent = this.words();
    // Who moves the map without seeing it wants to hear where it is now.
    if (this.awaited) say(this.words());
    this.awaited = false;
  }

  // The next view is told aloud.
  tell() {
    this.awaited = true;
  }

  words() {
    const seen = this.countSeen();
    const names = this.scene.names.boxes().map(({ name }) => name);
    const more = names.length > NAMES_TOLD ? ` and ${names.length - NAMES_TOLD} more` : "";
    const themes = names.length ? ` Themes: ${names.slice(0, NAMES_TOLD).join(", ")}${more}.` : "";
    const papers = seen === focus.count ? `${nice(seen)} ${seen === 1 ? "paper" : "papers"}` : `${nice(seen)} of ${nice(focus.count)} papers`;
    return `${papers} in view.${themes}`;
  }

  countSeen() {
    const { camera } = this.scene;
    const [left, right, top, bottom] = [camera.worldX(0), camera.worldX(camera.width), camera.worldY(0), camera.worldY(camera.height)];
    let seen = 0;
    for (let i = 0; i < atlas.n; i++) {
      if (atlas.x[i] >= left && atlas.x[i] <= right && atlas.y[i] >= top && atlas.y[i] <= bottom && focus.includes(i)) seen++;
    }
    return seen;
  }
}

function nice(count) {
  return count.toLocaleString("en");
}
