// Light or dark: as the system wishes until the button says otherwise, which is remembered.

import { remember, remembered } from "./remembered.js";
import { change, follow, state } from "../state.js";

const moreContrast = matchMedia("(prefers-contrast: more)");
const systemIsDark = matchMedia("(prefers-color-scheme: dark)");

function systemContrast() {
  return moreContrast.matches ? "more" : "usual";
}

function systemMode() {
  return systemIsDark.matches ? "dark" : "light";
}

export function connectMode(button) {
  follow(["mode"], () => show(button));
  button.addEventListener("click", () => {
    change({ mode: state.mode === "dark" ? "light" : "dark" });
    remember("mode", state.mode);
  });
  systemIsDark.addEventListener("change", () => { if (!remembered("mode")) change({ mode: systemMode() }); });
  moreContrast.addEventListener("change", () => change({ contrast: systemContrast() }));
  state.contrast = systemContrast();
  const wished = remembered("mode");
  state.mode = wished === "dark" || wished === "light" ? wished : systemMode();
  show(button);
}

function show(button) {
  document.documentElement.dataset.mode = state.mode;
  button.setAttribute("aria-pressed", String(state.mode === "dark"));
}
