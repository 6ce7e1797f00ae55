// Names of themes: which are shown at this zoom, how they look, and how they come and go.

const FADE_MS = 180;
const NAME_FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "DejaVu Sans", sans-serif';
const HALO = 3;

// Layers coarser than the default one are set as regions on a geographic map: spaced capitals.
function nameStyle(theme, camera) {
  const room = Math.max(0.86, Math.min(1.35, Math.sqrt(Math.min(camera.width, camera.height * 1.4) / 900)));
  const rank = theme.layer - atlas.defaultLayer;
  const share = Math.sqrt(theme.size / Math.max(1, largestOf(theme.layer)));
  const sized = (size) => Math.round(size * room * 2) / 2;
  if (rank > 0) return { size: sized(12.5 + 2.5 * share), weight: 500, spacing: 2, capitals: true };
  if (rank === 0) return { size: sized(12 + 3.5 * share), weight: 600, spacing: 0, capitals: false };
  return { size: sized(11 + share), weight: 500, spacing: 0, capitals: false };
}

const largestSizes = new Map();
function largestOf(layer) {
  if (!largestSizes.has(layer)) {
    const sizes = atlas.themes.filter((t) => t.layer === layer).map((t) => t.size);
    largestSizes.set(layer, Math.max(1, ...sizes));
  }
  return largestSizes.get(layer);
}

// A name drawn once, with its halo, and copied from then on: text with an outline is slow to draw.
class NameSprites {
  constructor() {
    this.sprites = new Map();
    this.measure = document.createElement("canvas").getContext("2d");
  }

  clear() {
    this.sprites.clear();
  }

  of(theme, camera, ink, ratio) {
    const style = nameStyle(theme, camera);
    const key = `${theme.index}/${style.size}`;
    if (!this.sprites.has(key)) this.sprites.set(key, this.draw(theme, style, ink, ratio));
    return this.sprites.get(key);
  }

  draw(theme, style, ink, ratio) {
    const lines = theme.lines.map((line) => (style.capitals ? line.toLocaleUpperCase("en") : line));
    const font = `${style.weight} ${style.size}px ${NAME_FONT}`;
    const prepare = (context) => {
      context.font = font;
      if ("letterSpacing" in context) context.letterSpacing = `${style.spacing}px`;
      context.textAlign = "center";
      context.textBaseline = "middle";
    };
    prepare(this.measure);
    const lineHeight = style.size * 1.18;
    const w = Math.ceil(Math.max(...lines.map((line) => this.measure.measureText(line).width)) + 2 * HALO);
    const h = Math.ceil(lines.length * lineHeight + 2 * HALO - 2);
    const canvas = document.createElement("canvas");
    canvas.width = Math.ceil(w * ratio);
    canvas.height = Math.ceil(h * ratio);
    const context = canvas.getContext("2d");
    context.scale(ratio, ratio);
    prepare(context);
    context.lineJoin = "round";
    context.lineWidth = 2 * HALO;
    context.strokeStyle = ink.halo;
    context.fillStyle = ink.name(theme);
    const middle = (k) => h / 2 + (k - (lines.length - 1) / 2) * lineHeight + style.size * 0.04;
    lines.forEach((line, k) => context.strokeText(line, w / 2, middle(k)));
    lines.forEach((line, k) => context.fillText(line, w / 2, middle(k)));
    return { canvas, w, h };
  }
}

class NameLayer {
  constructor() {
    this.sprites = new NameSprites();
    this.cover = new CoverTable();
    this.states = new Map(); // theme index -> {dx, dy, alpha, shown, box}
    this.time = 0;
  }

  // Themes whose names are wanted at this zoom, most important first: one layer of regions, then
  // the default layer, then finer ones as soon as their themes are large enough to point at.
  wanted(camera, focusTheme) {
    const region = regionLayer(camera);
    const chosen = atlas.themes.filter((theme) => {
      if (!theme.place || (focusTheme && !isWithin(theme, focusTheme))) return false;
      if (theme.layer > atlas.defaultLayer && theme.layer !== region) return false;
      const reach = theme.place[2] * camera.scale;
      if (theme.layer < atlas.defaultLayer && (camera.zoom < 1.7 || reach < 26)) return false;
      return !isNamedByRegion(theme, region);
    });
    const rank = (t) => t.layer * 1e7 + t.size * (this.isShown(t) ? 1.25 : 1);
    return chosen.sort((a, b) => rank(b) - rank(a) || a.index - b.index);
  }

  isShown(theme) {
    const state = this.states.get(theme.index);
    return Boolean(state && state.shown);
  }

  // Decides which names stand where; `obstacles` are boxes of controls over the map.
  place(camera, bounds, obstacles, focusTheme, ink, ratio, resting) {
    const names = [];
    const limit = Math.max(6, Math.round((camera.width * camera.height) / 13000));
    for (const theme of this.wanted(camera, focusTheme)) {
      const anchor = anchorInView(theme, camera, bounds);
      if (!anchor) continue;
      const sprite = this.sprites.of(theme, camera, ink, ratio);
      const state = this.states.get(theme.index);
      // A region's name stands within the region and has no line; others may go where there is room.
      const region = theme.layer > atlas.defaultLayer;
      const reach = region ? Math.max(16, 0.9 * theme.place[2] * camera.scale) : Infinity;
      names.push({ theme, sprite, ...anchor, w: sprite.w, h: sprite.h, reach, free: region || anchor.pinned, last: state && state.shown ? state : null });
      if (names.length >= 3 * limit) break;
    }
    const coverOf = (box) => this.cover.share(camera, box);
    const offsets = placeNames(names, bounds, obstacles, coverOf, limit, resting);
    const shown = new Set();
    names.forEach((name, k) => {
      if (offsets[k]) { this.show(name, offsets[k]); shown.add(name.theme.index); }
    });
    for (const [index, state] of this.states) if (!shown.has(index)) state.shown = false;
  }

  show(name, { dx, dy }) {
    const old = this.states.get(name.theme.index);
    const moved = old && old.shown && Math.hypot(old.dx - dx, old.dy - dy) > 6 && name.last;
    const jumped = moved && !keptBySliding(old, dx, dy);
    const alpha = old ? (jumped ? Math.min(old.alpha, 0.25) : old.alpha) : 0;
    const box = boxAt(name, name.x + dx, name.y + dy);
    this.states.set(name.theme.index, { dx, dy, alpha, shown: true, box, sprite: name.sprite, x: name.x, y: name.y, free: name.free, theme: name.theme });
  }

  // Moves the fades on; true while any is under way.
  fade(now, still) {
    const step = still ? 1 : Math.min(1, (now - this.time) / FADE_MS);
    this.time = now;
    let running = false;
    const boxes = [...this.states.values()].filter((s) => s.shown).map((s) => s.box);
    for (const [index, state] of this.states) {
      // A name on its way out gives way at once where another one comes.
      if (!state.shown && touches(state.box, boxes)) state.alpha = 0;
      state.alpha = Math.max(0, Math.min(1, state.alpha + (state.shown ? step : -step)));
      if (!state.shown && state.alpha <= 0) this.states.delete(index);
      else if (state.alpha < 1 || !state.shown) running = true;
    }
    return running;
  }

  draw(context, ink) {
    for (const state of this.states.values()) if (state.shown && !state.free) drawLeader(context, state, ink);
    for (const { sprite, box, alpha } of this.states.values()) {
      context.globalAlpha = alpha;
      context.drawImage(sprite.canvas, Math.round(box.left), Math.round(box.top), sprite.w, sprite.h);
    }
    context.globalAlpha = 1;
  }

  // Names on their way out move with the map until they are gone, unless they would be cut off.
  follow(camera, bounds) {
    for (const [index, state] of this.states) {
      if (state.shown) continue;
      const x = camera.screenX(state.theme.place[0]) + state.dx;
      const y = camera.screenY(state.theme.place[1]) + state.dy;
      state.box = boxAt(state.sprite, x, y);
      const { left, right, top, bottom } = state.box;
      if (left < bounds.left || right > bounds.right || top < bounds.top || bottom > bounds.bottom) this.states.delete(index);
    }
  }

  boxes() {
    return [...this.states.values()].filter((s) => s.shown).map(({ box, theme }) => ({ name: theme.name, layer: theme.layer, ...box }));
  }
}

function keptBySliding(old, dx, dy) {
  return Math.abs(old.dx - dx) < 24 && Math.abs(old.dy - dy) < 24;
}

function isWithin(theme, ancestor) {
  for (let t = theme; t; t = t.parent >= 0 ? atlas.themes[t.parent] : null) if (t === ancestor) return true;
  return false;
}

// The coarse layer that serves as regions at this zoom, or -1. A theme that fills the view is where
// one is, no longer something to see: then the next finer layer takes over.
function regionLayer(camera) {
  const smaller = Math.min(camera.width, camera.height);
  for (let layer = atlas.nLayers - 1; layer > atlas.defaultLayer; layer--) {
    if (typicalReach(layer) * camera.scale < 0.34 * smaller) return layer;
  }
  return -1;
}

const typicalReaches = new Map();
function typicalReach(layer) {
  if (!typicalReaches.has(layer)) {
    const reaches = atlas.themes.filter((t) => t.layer === layer && t.place).map((t) => t.place[2]);
    reaches.sort((a, b) => a - b);
    typicalReaches.set(layer, reaches.length ? reaches[reaches.length >> 1] : 0);
  }
  return typicalReaches.get(layer);
}

// A theme that goes on unchanged into the next finer layer is one theme with one name.
function repeatsParent(theme) {
  if (theme.parent < 0) return false;
  const parent = atlas.themes[theme.parent];
  return theme.name === parent.name || theme.size >= 0.95 * parent.size;
}

// Whether a name would say again what the name of its region, or of a coarser theme beside it, says.
function isNamedByRegion(theme, region) {
  let same = theme; // the coarsest theme that is the same as this one
  while (repeatsParent(same)) same = atlas.themes[same.parent];
  for (let t = theme; t.parent >= 0; ) {
    t = atlas.themes[t.parent];
    const isShown = t.layer <= atlas.defaultLayer || t.layer === region;
    if (isShown && (t.name === theme.name || t.layer <= same.layer)) return true;
  }
  return false;
}

// The anchor on the screen. One just outside the view is drawn to the edge while much of its theme
// is still seen; `pinned` then says that no line should lead to it.
function anchorInView(theme, camera, bounds) {
  const x = camera.screenX(theme.place[0]);
  const y = camera.screenY(theme.place[1]);
  const inX = Math.max(bounds.left, Math.min(bounds.right, x));
  const inY = Math.max(bounds.top, Math.min(bounds.bottom, y));
  const away = Math.hypot(inX - x, inY - y);
  if (away > 0.6 * theme.place[2] * camera.scale) return null;
  return { x: inX, y: inY, pinned: away > 0 };
}

// A thin line from a moved name to the place it names.
function drawLeader(context, { box, x, y, alpha, theme }, ink) {
  const fromX = Math.max(box.left + HALO, Math.min(box.right - HALO, x));
  const fromY = Math.max(box.top + HALO, Math.min(box.bottom - HALO, y));
  if (Math.hypot(fromX - x, fromY - y) < 7) return;
  context.globalAlpha = 0.75 * alpha;
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
