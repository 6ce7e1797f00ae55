// What tests and curious readers can ask of the page: `await paperatlas.ready`, and then all the rest,
// which main.js adds. A page that cannot open says why, and is never ready.

let open;
const ready = new Promise((resolve) => { open = resolve; });

export const hook = { ready };
window.paperatlas = hook;

export function setReady() {
  open();
}
