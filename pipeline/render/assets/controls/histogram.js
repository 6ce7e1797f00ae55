// The years as a picture that one can take hold of: a bar a year, all papers pale and those in
// focus strong, with a handle at either end of what is wanted and the span between them to move.

import { element, svgElement } from "./dom.js";
import { yearsText } from "./chips.js";
import { tell } from "./notice.js";
import { NO_YEAR } from "../data/columns.js";
import { focus } from "../data/focus.js";
import { change, follow, state } from "../state.js";

const HEIGHT = 64; // of the bars, in the picture's own units; as many a year across as it has years
const LEAST = 1.5; // height of a bar of few papers, which must be seen
const KEY_STEPS = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -5, PageUp: 5, Home: -Infinity, End: Infinity };

export class Histogram {
  constructor(column) {
    this.column = column;
    const { first, last } = column;
    this.first = first;
    this.span = last - first + 1;
    this.drag = null;
    this.handles = [0, 1].map((side) => this.slider("handle", side ? "Last year" : "First year", (step) => this.moveEnd(side, step)));
    this.window = this.slider("window", "Move both years", (step) => this.moveBoth(step));
    this.plot = element("div", { class: "plot" }, this.picture(), this.window, ...this.handles);
    const ticks = element("div", { class: "ticks number", "aria-hidden": "true" }, ...ticksOf(first, last).map((year) => this.tick(year)));
    this.node = element("div", { class: "histogram" }, this.plot, ticks, this.fields());
    this.plot.addEventListener("pointerdown", (event) => this.press(event));
    this.plot.addEventListener("pointermove", (event) => this.pull(event));
    for (const end of ["pointerup", "pointercancel"]) this.plot.addEventListener(end, () => { this.drag = null; });
    follow(["years"], () => this.show());
    this.drawAll();
    this.show();
  }

  get range() {
    return state.years || [this.first, this.column.last];
  }

  within(year) {
    return Math.max(this.first, Math.min(this.column.last, year));
  }

  // Wants these years; all of them is no condition.
  want(from, to) {
    const first = this.within(Math.min(from, to));
    const last = this.within(Math.max(from, to));
    change({ years: first === this.first && last === this.column.last ? null : [first, last] });
  }

  moveEnd(side, step) {
    const range = [...this.range];
    const [low, high] = side ? [range[0], this.column.last] : [this.first, range[1]];
    range[side] = Math.max(low, Math.min(high, range[side] + step));
    this.want(...range);
  }

  moveBoth(step) {
    const [first, last] = this.range;
    const by = Math.max(this.first - first, Math.min(this.column.last - last, step));
    this.want(first + by, last + by);
  }

  slider(name, label, move) {
    const node = element("div", { class: name, role: "slider", tabindex: "0", "aria-label": label, "aria-orientation": "horizontal" });
    node.addEventListener("keydown", (event) => {
      const step = KEY_STEPS[event.key];
      if (step === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      move(step);
    });
    return node;
  }

  // The bars, stretched to the room there is.
  picture() {
    this.all = svgElement("path", { class: "year-bars" });
    this.some = svgElement("path", { class: "year-bars strong" });
    return svgElement("svg", { viewBox: `0 0 ${this.span} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" }, this.all, this.some);
  }

  drawAll() {
    const counts = new Uint32Array(this.span);
    for (const [year, count] of this.column.counts) counts[year - this.first] = count;
    this.top = Math.max(...counts);
    this.all.setAttribute("d", this.bars(counts));
  }

  // Draws the papers in focus, those of other years left out.
  update() {
    const { numbers } = this.column;
    const counts = new Uint32Array(this.span);
    for (let i = 0; i < numbers.length; i++) {
      if (numbers[i] !== NO_YEAR && focus.includes(i)) counts[numbers[i] - this.first]++;
    }
    this.some.setAttribute("d", this.bars(counts));
  }

  bars(counts) {
    const gap = this.span > 80 ? 0 : 0.09;
    let path = "";
    counts.forEach((count, k) => {
      const height = count ? Math.max(LEAST, (count / this.top) * (HEIGHT - 2)) : 0;
      if (height) path += `M${k + gap} ${HEIGHT}V${(HEIGHT - height).toFixed(2)}H${k + 1 - gap}V${HEIGHT}Z`;
    });
    return path;
  }

  tick(year) {
    const tick = element("span", { text: String(year) });
    tick.style.left = `${((year - this.first + 0.5) / this.span) * 100}%`;
    return tick;
  }

  // The same in two fields, for those who know which years they want.
  fields() {
    const field = (label) => element("input", { type: "number", class: "field year", "aria-label": label, min: this.first, max: this.column.last, step: 1, inputmode: "numeric" });
    this.inputs = [field("From year"), field("To year")];
    this.reset = element("button", { type: "button", class: "plain", text: "All years" });
    this.reset.addEventListener("click", () => { change({ years: null }); this.inputs[0].focus(); });
    for (const input of this.inputs) input.addEventListener("change", () => this.read());
    return element("div", { class: "year-fields" }, this.inputs[0], element("span", { "aria-hidden": "true", text: "–" }), this.inputs[1], this.reset);
  }

  read() {
    const years = this.inputs.map((input, side) => {
      const year = input.value.trim() ? Number(input.value) : NaN;
      return Number.isInteger(year) ? year : this.range[side];
    });
    this.want(...years);
    this.show();
    if (years.some((year) => year !== this.within(year))) tell(`These papers are of ${yearsText([this.first, this.column.last])}: other years are cut to that.`);
  }

  show() {
    const [first, last] = this.range;
    const left = Math.max(0, Math.min(100, ((first - this.first) / this.span) * 100));
    const right = Math.max(left, Math.min(100, ((last + 1 - this.first) / this.span) * 100));
    this.handles[0].style.left = `${left}%`;
    this.handles[1].style.left = `${right}%`;
    this.window.style.left = `${left}%`;
    this.window.style.width = `${right - left}%`;
    describe(this.handles[0], this.first, last, first, String(first));
    describe(this.handles[1], first, this.column.last, last, String(last));
    describe(this.window, this.first, this.column.last - (last - first), first, yearsText([first, last]));
    this.inputs[0].value = first;
    this.inputs[1].value = last;
    this.reset.hidden = !state.years;
  }

  yearAt(event) {
    const box = this.plot.getBoundingClientRect();
    return this.first + ((event.clientX - box.left) / box.width) * this.span;
  }

  // A handle is pulled, the span between moved; elsewhere, and while all years are wanted, a new
  // span is drawn.
  press(event) {
    if (event.button > 0) return;
    const at = this.yearAt(event);
    const side = this.handles.indexOf(event.target);
    this.plot.setPointerCapture(event.pointerId);
    if (side >= 0) this.drag = { side };
    else if (event.target === this.window && state.years) this.drag = { from: at, range: this.range };
    else this.drag = { anchor: Math.floor(at), at: event.clientX };
    (side >= 0 ? this.handles[side] : this.window).focus({ preventScroll: true });
    event.preventDefault();
  }

  pull(event) {
    const { drag } = this;
    if (!drag) return;
    const at = this.yearAt(event);
    if (drag.side !== undefined) this.moveEnd(drag.side, Math.round(at) - (drag.side ? 1 : 0) - this.range[drag.side]);
    else if (drag.range) this.moveBoth(drag.range[0] + Math.round(at - drag.from) - this.range[0]);
    else if (Math.abs(event.clientX - drag.at) > 3) {
      const end = Math.max(this.first, Math.min(this.column.last, Math.floor(at)));
      this.want(drag.anchor, end);
    }
  }
}

function describe(slider, least, most, now, text) {
  const values = { "aria-valuemin": least, "aria-valuemax": most, "aria-valuenow": now, "aria-valuetext": text };
  for (const [name, value] of Object.entries(values)) slider.setAttribute(name, String(value));
}

// Up to five round years, far enough apart to be read.
function ticksOf(first, last) {
  const step = [1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1000, 5000, 20000].find((s) => (last - first) / s <= 4);
  const ticks = [];
  for (let year = Math.ceil(first / step) * step; year <= last; year += step) ticks.push(year);
  return ticks;
}
