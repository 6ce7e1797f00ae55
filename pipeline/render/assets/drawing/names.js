// Names of themes on the map: where they stand, and how they come and go without a jump.

import { atlas } from "../data/atlas.js";
import { nameLimit, wantedNames } from "./name_choice.js";
import { HALO, NameSprites } from "./name_sprites.js";
import { Sheet, boxAt, isNear } from "./placement.js";
import { pointRadius } from "./points.js";
import { ViewCrowd } from "./view_crowd.js";

const FADE_MS = 180;
const LONGEST_STEP_MS = 34; // a fade that begins after a pause begins at its beginning
const PADDING = 4; // least gap between two names, in CSS pixels
const MAX_LINE = 60; // the longest line from a name to what it names
const SHORT_LINE = 7; // a name so near needs none
const FEW = 40; // papers, of which a name covers none: there is room beside each
const TURNS = 4; // frames of a moving map in which every name is tried
const QUIET = 0.4; // how much is seen of the name of a theme without papers in focus

export class NameLayer {
  constructor() {
    this.sprites = new NameSprites();
    this.crowd = new ViewCrowd();
    this.shown = new Map(); // theme index -> the mark of its name, see markOf
    this.leaving = []; // marks of names on their way out
    this.time = 0;
    this.ratio = 1;
    this.turn = 0;
  }

  // Decides which names stand where; `obstacles` are boxes of controls over the map.
  place(camera, bounds, obstacles, focusTheme, ratio, resting) {
    this.ratio = ratio;
    this.turn++;
    const names = this.namesIn(camera, bounds, focusTheme, resting);
    this.crowd.follow(camera, resting);
    const sheet = new Sheet(names, { bounds, obstacles: [...obstacles, ...discsOfFew(camera)], padding: PADDING, crowd: this.crowd });
    const places = resting ? sheet.settle() : sheet.keep();
    const before = this.shown;
    this.shown = new Map();
    const ways = names.map((name, k) => (places[k] ? wayOf(name, before.get(name.theme.index), places[k]) : null));
    names.forEach((name, k) => {
      if (!places[k]) return;
      const mayGlide = resting && ways.every((way, j) => j === k || !way || !isNear(ways[k], way, 1));
      this.show(name, places[k], before.get(name.theme.index), mayGlide);
    });
    for (const [index, mark] of before) if (this.shown.get(index) !== mark) this.leaving.push(mark);
  }

  namesIn(camera, bounds, focusTheme, resting) {
    const names = [];
    const limit = nameLimit(camera);
    const leastReach = atlas.n > FEW ? 0 : MAX_LINE;
    for (const { theme, isRegion, isQuiet, rank } of wantedNames(camera, focusTheme)) {
      const anchor = anchorInView(theme, camera, bounds);
      if (!anchor) continue;
      const last = this.lastOf(theme);
      // While the map moves, each name that has no place is only tried now and then.
      if (!resting && !last && (theme.index + this.turn) % TURNS) continue;
      const sprite = this.sprites.of(theme, isRegion, camera, this.ratio);
      // A region's name stands within the region and has no line; others may go where there is room.
      const reach = isRegion ? Math.max(leastReach, Math.min(4 * MAX_LINE, 0.5 * theme.place[2] * camera.scale)) : MAX_LINE;
      const lined = !isRegion && !anchor.isPinned;
      names.push({ ...anchor, w: sprite.w, h: sprite.h, priority: rank, reach, lined, last, theme, sprite, isQuiet });
      if (names.length >= limit) break;
    }
    return names;
  }

  lastOf(theme) {
    return this.shown.get(theme.index) || this.leaving.find((mark) => mark.theme === theme) || null;
  }

  // A name that moves on a little slides there if its way is free; else it fades out and in again.
  show(name, place, before, mayGlide) {
    const dx = place.x - name.x;
    const dy = place.y - name.y;
    const old = before || this.revived(name.theme, dx, dy);
    const isSame = old && old.sprite.w === name.sprite.w && old.sprite.h === name.sprite.h;
    const away = old ? Math.max(Math.abs(old.dx - dx), Math.abs(old.dy - dy)) : 0;
    const slides = isSame && mayGlide && away > 0.5;
    if (!isSame || (away > 24 && !slides)) {
      this.shown.set(name.theme.index, markOf(name, place, dx, dy));
      return;
    }
    Object.assign(old, { sprite: name.sprite, x: name.x, y: name.y, isQuiet: name.isQuiet, lined: name.lined });
    old.slide = slides ? { fromX: old.dx, fromY: old.dy, toX: dx, toY: dy, t: 0 } : null;
    if (!slides) Object.assign(old, { dx, dy });
    this.shown.set(name.theme.index, old);
  }

  // A name that was leaving from here stays.
  revived(theme, dx, dy) {
    const k = this.leaving.findIndex((mark) => mark.theme === theme && Math.hypot(mark.dx - dx, mark.dy - dy) < 1);
    return k < 0 ? null : this.leaving.splice(k, 1)[0];
  }

  // Moves the fades on; true while any is under way. A name that comes waits until those that leave
  // its place are gone; one that leaves gives way at once to one that is there already.
  fade(now, still) {
    const step = still ? 1 : Math.min(LONGEST_STEP_MS, now - this.time) / FADE_MS;
    this.time = now;
    const shown = [...this.shown.values()];
    for (const mark of shown) if (mark.slide) advance(mark, step);
    const seen = shown.filter((mark) => mark.alpha > 0).map((mark) => this.boxOf(mark));
    const left = []; // boxes of those on their way out that are still seen
    this.leaving = this.leaving.filter((mark) => {
      mark.alpha -= step;
      const box = this.boxOf(mark);
      if (mark.alpha <= 0 || touchesAny(box, seen) || touchesAny(box, left)) return false;
      left.push(box);
      return true;
    });
    let running = left.length > 0;
    for (const mark of shown) {
      const isBlocked = mark.alpha === 0 && touchesAny(this.boxOf(mark), left);
      if (!isBlocked) mark.alpha = Math.min(1, mark.alpha + step);
      running = running || mark.alpha < 1 || mark.slide !== null;
    }
    return running;
  }

  // Names on their way out move with the map until they are gone, unless something would cut them off.
  follow(camera, bounds, obstacles) {
    this.leaving = this.leaving.filter((mark) => {
      mark.x = camera.screenX(mark.theme.place[0]);
      mark.y = camera.screenY(mark.theme.place[1]);
      const box = this.boxOf(mark);
      const { left, right, top, bottom } = box;
      if (touchesAny(box, obstacles)) return false;
      return left >= bounds.left && right <= bounds.right && top >= bounds.top && bottom <= bounds.bottom;
    });
  }

  draw(context, ink) {
    for (const mark of this.shown.values()) if (mark.lined && mark.alpha > 0) drawLeader(context, mark, this.boxOf(mark), ink);
    for (const mark of [...this.leaving, ...this.shown.values()]) {
      if (mark.alpha <= 0) continue;
      const { left, top } = this.boxOf(mark);
      context.globalAlpha = alphaOf(mark);
      context.drawImage(this.sprites.picture(mark.sprite, ink), left, top, mark.sprite.w, mark.sprite.h);
    }
    context.globalAlpha = 1;
  }

  // Where a name is drawn: at whole pixels of the screen, so that its letters stay sharp.
  boxOf({ sprite, x, y, dx, dy }) {
    const left = Math.round((x + dx - sprite.w / 2) * this.ratio) / this.ratio;
    const top = Math.round((y + dy - sprite.h / 2) * this.ratio) / this.ratio;
    return { left, top, right: left + sprite.w, bottom: top + sprite.h };
  }

  // The theme whose name stands at a place on the screen, or null.
  themeAt(x, y) {
    const mark = [...this.shown.values()].find((shown) => {
      const { left, right, top, bottom } = this.boxOf(shown);
      return shown.alpha > 0 && x >= left && x <= right && y >= top && y <= bottom;
    });
    return mark ? mark.theme : null;
  }

  // What is named now, with names on their way out if `all` is asked for.
  boxes(all = false) {
    return [...this.shown.values(), ...(all ? this.leaving : [])].map((mark) => ({ name: mark.theme.name, layer: mark.theme.layer, alpha: mark.alpha, ...this.boxOf(mark) }));
  }

  // The names that are seen, as they were drawn to be copied.
  pictures() {
    return [...this.shown.values()].map(({ theme, sprite }) => ({ name: theme.name, canvas: sprite.canvas }));
  }
}

// A name on the screen: its anchor (x, y) there, the offset of its middle from that, how much of it
// is seen, and where it slides.
function markOf({ theme, sprite, x, y, lined, isQuiet }, place, dx, dy) {
  return { theme, sprite, x, y, lined, isQuiet, dx, dy, alpha: 0, slide: null };
}

// The boxes of all points of a map of few papers.
function discsOfFew(camera) {
  if (atlas.n > FEW) return [];
  const radius = pointRadius(camera);
  return Array.from(atlas.x, (x, i) => {
    const [left, top] = [camera.screenX(x) - radius, camera.screenY(atlas.y[i]) - radius];
    return { left, top, right: left + 2 * radius, bottom: top + 2 * radius };
  });
}

function alphaOf(mark) {
  return mark.alpha * (mark.isQuiet ? QUIET : 1);
}

function touchesAny(box, others) {
  return others.some((other) => isNear(box, other, 0));
}

// The box around both places of a name, where it was and where it will be.
function wayOf(name, before, place) {
  const to = boxAt(name, place.x, place.y);
  if (!before) return to;
  const from = boxAt(name, name.x + before.dx, name.y + before.dy);
  return {
    left: Math.min(from.left, to.left), right: Math.max(from.right, to.right),
    top: Math.min(from.top, to.top), bottom: Math.max(from.bottom, to.bottom),
  };
}

function advance(mark, step) {
  const { slide } = mark;
  slide.t = Math.min(1, slide.t + step);
  const ease = slide.t * slide.t * (3 - 2 * slide.t);
  mark.dx = slide.fromX + (slide.toX - slide.fromX) * ease;
  mark.dy = slide.fromY + (slide.toY - slide.fromY) * ease;
  if (slide.t >= 1) mark.slide = null;
}

// The anchor on the screen. One just outside the view is drawn to the edge while much of its theme
// is still seen; `isPinned` then says that no line should lead to it.
function anchorInView(theme, camera, bounds) {
  const x = camera.screenX(theme.place[0]);
  const y = camera.screenY(theme.place[1]);
  const inX = Math.max(bounds.left, Math.min(bounds.right, x));
  const inY = Math.max(bounds.top, Math.min(bounds.bottom, y));
  const away = Math.hypot(inX - x, inY - y);
  if (away > 0.6 * theme.place[2] * camera.scale) return null;
  return { x: inX, y: inY, isPinned: away > 0 };
}

// A thin line from a moved name to the place it names.
function drawLeader(context, mark, box, ink) {
  const { x, y, theme } = mark;
  const fromX = Math.max(box.left + HALO, Math.min(box.right - HALO, x));
  const fromY = Math.max(box.top + HALO, Math.min(box.bottom - HALO, y));
  if (Math.hypot(fromX - x, fromY - y) < SHORT_LINE) return;
  context.globalAlpha = 0.75 * alphaOf(mark);
  context.lineWidth = 1;
  context.strokeStyle = ink.name(theme);
  context.fillStyle = ink.name(theme);
  context.beginPath();
  context.moveTo(fromX, fromY);
  context.lineTo(x, y);
  context.stroke();
  context.beginPath();
  context.arc(x, y, 1.8, 0, 2 * Math.PI);
  context.fill();
}
