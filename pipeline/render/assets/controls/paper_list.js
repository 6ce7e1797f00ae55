// Papers in lists: one row a paper, made as far as one scrolls.

import { element } from "./dom.js";
import { texts } from "../data/texts.js";
import { change } from "../state.js";

const STEP = 40;

// A paper in a list: its title, and authors and year below.
export function paperRow(i) {
  const title = element("span", { text: texts.title(i) });
  const byline = element("small", { text: texts.byline(i) });
  const row = element("button", { type: "button", class: "paper-row", "data-paper": i }, title, byline);
  if (!texts.head(i)) texts.reach([i]).then(() => { title.textContent = texts.title(i); byline.textContent = texts.byline(i); });
  row.addEventListener("click", () => change({ paper: i }));
  return row;
}

// The list of these papers and the button that makes more of it, which scrolling presses too.
export function paperList(rows, label) {
  const list = element("ul", { class: "paper-list", "aria-label": label });
  const more = element("button", { type: "button", class: "plain more", text: "Show more" });
  const extend = () => {
    const from = list.children.length;
    list.append(...rows.slice(from, from + STEP).map((i) => element("li", {}, paperRow(i))));
    more.hidden = list.children.length >= rows.length;
  };
  more.addEventListener("click", () => {
    const next = list.children.length;
    extend();
    list.children[next].firstChild.focus({ preventScroll: true });
  });
  new IntersectionObserver((seen) => { if (seen.some((entry) => entry.isIntersecting)) extend(); }, { rootMargin: "300px" }).observe(more);
  extend();
  return [list, more];
}
