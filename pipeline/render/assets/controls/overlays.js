// What lies over the map is told to the scene, so that no name hides beneath it: whatever its size
// becomes, and whenever it comes and goes.

const MARGIN = 6; // CSS pixels kept free around it
const SPANS = 0.6; // of a side of the view: a sheet that covers so much of it makes the view smaller,
const BESIDE = 48; // if no more CSS pixels than this are left between it and an edge

// Sheets, such as the panel, make the view smaller where they span it; floats are kept off, and keep
// off the sheets themselves, by `--covered-right` and `--covered-bottom` of the view.
export class Overlays {
  constructor(scene, view, { sheets, floats }) {
    this.scene = scene;
    this.view = view;
    this.sheets = sheets;
    this.floats = floats;
    const observer = new ResizeObserver(() => this.tell());
    for (const node of [...sheets, ...floats]) observer.observe(node);
  }

  tell() {
    const { scene } = this;
    const view = this.view.getBoundingClientRect();
    scene.inset = { left: 0, right: 0, top: 0, bottom: 0 };
    scene.obstacles = [];
    for (const node of this.sheets) {
      const box = within(node.getBoundingClientRect(), view);
      if (box.right <= box.left || box.bottom <= box.top) continue;
      const aside = Math.min(box.left, view.width - box.right) <= BESIDE;
      const above = Math.min(box.top, view.height - box.bottom) <= BESIDE;
      if (aside && box.bottom - box.top >= SPANS * view.height) narrow(scene.inset, "left", "right", box.left, view.width - box.right, view.width);
      else if (above && box.right - box.left >= SPANS * view.width) narrow(scene.inset, "top", "bottom", box.top, view.height - box.bottom, view.height);
      else this.keepOff(box);
    }
    for (const side of ["right", "bottom"]) this.view.style.setProperty(`--covered-${side}`, `${scene.inset[side]}px`);
    for (const node of this.floats) {
      const box = within(node.getBoundingClientRect(), view);
      if (box.right > box.left && box.bottom > box.top) this.keepOff(box);
    }
    scene.moved();
  }

  keepOff({ left, right, top, bottom }) {
    this.scene.obstacles.push({ left: left - MARGIN, right: right + MARGIN, top: top - MARGIN, bottom: bottom + MARGIN });
  }
}

// The part of a box that is over the view, from the view's corner.
function within(box, view) {
  return {
    left: Math.max(0, box.left - view.left), right: Math.min(view.width, box.right - view.left),
    top: Math.max(0, box.top - view.top), bottom: Math.min(view.height, box.bottom - view.top),
  };
}

// Takes from the view what lies between the box and the edge that it is nearer to.
function narrow(inset, first, last, before, after, size) {
  if (before < after) inset[first] = Math.max(inset[first], size - after);
  else inset[last] = Math.max(inset[last], size - before);
}
