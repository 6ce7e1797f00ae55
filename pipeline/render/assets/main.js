// Puts the parts together.

const byId = (id) => document.getElementById(id);
const MODE_KEY = "paperatlas-mode";
const NARROW = matchMedia("(max-width: 760px)");

const scene = new Scene(byId("map"));
const search = new Search();
const panel = new Panel(byId("panel"), { onPaper: choosePaper, onTheme: chooseTheme, onClose: closePanel, ink: () => scene.ink });
const legend = new Legend(byId("tree"), byId("legend-clear"), chooseTheme);
const input = new MapInput(scene, { onHover: hover, onPick: pick, onEscape: escape });
let opener = null; // what had the focus before the panel took it

// Light or dark: the button's wish is remembered where the browser lets a file remember.
function wishedMode() {
  try { return localStorage.getItem(MODE_KEY); } catch { return null; }
}

function setMode(mode, remember) {
  document.documentElement.dataset.mode = mode;
  byId("mode-toggle").setAttribute("aria-pressed", String(mode === "dark"));
  if (remember) try { localStorage.setItem(MODE_KEY, mode); } catch { /* private windows refuse */ }
  scene.setMode(mode);
  legend.paint(scene.ink);
}

function systemMode() {
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

function hover(i, x, y) {
  const tip = byId("tooltip");
  scene.canvas.classList.toggle("pointing", i >= 0);
  if (i !== scene.hovered) { scene.hovered = i; scene.request(); }
  if (i < 0) { tip.hidden = true; return; }
  const theme = themeAt(i, atlas.defaultLayer);
  const swatch = element("span", { class: "swatch" });
  swatch.style.backgroundColor = scene.ink.pointCss(theme);
  const year = texts.columns && texts.columns.years[i];
  tip.replaceChildren(
    element("div", { class: "tip-title", text: texts.title(i) }),
    element("div", { class: "tip-theme" }, swatch, `${theme ? theme.name : "Unassigned"}${year ? ` · ${year}` : ""}`),
  );
  tip.hidden = false;
  const left = x + 16 + tip.offsetWidth < scene.camera.width ? x + 16 : Math.max(4, x - 16 - tip.offsetWidth);
  const top = y + 16 + tip.offsetHeight < scene.camera.height ? y + 16 : Math.max(4, y - 12 - tip.offsetHeight);
  tip.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
}

function pick(i) {
  if (i >= 0) choosePaper(i);
  else if (panel.isOpen) closePanel();
}

function choosePaper(i) {
  rememberOpener();
  scene.selected = i;
  panel.showPaper(i);
  byId("results").hidden = true;
  layOut();
  bringIntoView(i);
  byId("panel-title").focus({ preventScroll: true });
}

// Moves the map only if the paper lies outside the part that is seen.
function bringIntoView(i) {
  const { camera } = scene;
  const bounds = scene.nameBounds();
  const x = camera.screenX(atlas.x[i]);
  const y = camera.screenY(atlas.y[i]);
  if (x > bounds.left && x < bounds.right && y > bounds.top && y < bounds.bottom) { scene.request(); return; }
  const zoom = Math.max(camera.zoom, 2);
  const scale = zoom * camera.home;
  scene.flyTo({
    x: atlas.x[i] + (scene.inset.right - scene.inset.left) / 2 / scale,
    y: atlas.y[i] + (scene.inset.bottom - scene.inset.top) / 2 / scale,
    scale,
  });
}

function chooseTheme(theme) {
  scene.focus.theme = theme;
  scene.selected = -1;
  legend.mark(theme);
  if (theme) {
    rememberOpener();
    panel.showTheme(theme);
    if (NARROW.matches) showLegend(false);
  } else panel.close();
  layOut();
  scene.refocus();
  const { camera } = scene;
  if (!theme) { scene.flyTo(camera.homeView()); return; }
  const inset = margins(camera);
  for (const side of Object.keys(inset)) inset[side] += scene.inset[side];
  scene.flyTo(camera.viewOf(coreBoundsOf(papersOf(theme), theme.place), inset, 12));
}

function rememberOpener() {
  if (!panel.isOpen) opener = document.activeElement;
}

function closePanel() {
  const inside = byId("panel").contains(document.activeElement);
  panel.close();
  scene.selected = -1;
  layOut();
  scene.request();
  if (inside) (opener && opener.isConnected && opener !== document.body ? opener : scene.canvas).focus({ preventScroll: true });
}

function escape() {
  if (panel.isOpen) closePanel();
  else if (scene.focus.theme) chooseTheme(null);
  else if (scene.focus.found) clearSearch();
}

function clearSearch() {
  byId("search").value = "";
  runSearch("");
}

let searchTimer = 0;
async function runSearch(query) {
  const status = byId("search-status");
  status.textContent = query.trim() ? "…" : "";
  for await (const { rows, found, done } of search.find(query)) {
    scene.focus.found = found;
    scene.refocus();
    const count = `${rows.length.toLocaleString("en")}${done ? "" : "…"}`;
    status.textContent = found ? `${count} found` : "";
    showResults(found ? rows : null);
  }
}

function showResults(rows) {
  const list = byId("results");
  const shown = (rows || []).slice(0, RESULTS_SHOWN);
  list.replaceChildren(...shown.map((i) => element("li", {}, paperRow(i, choosePaper))));
  list.hidden = !shown.length;
  layOut();
}

function showLegend(open) {
  byId("legend").hidden = !open;
  byId("legend-toggle").setAttribute("aria-expanded", String(open));
  resize();
}

// What lies over the map is told to the scene, so that no name hides beneath it.
function layOut() {
  const view = byId("view").getBoundingClientRect();
  const box = byId("panel").getBoundingClientRect();
  const found = byId("results").getBoundingClientRect();
  const wide = !NARROW.matches;
  scene.inset = {
    left: 0,
    top: found.height && !wide ? found.bottom - view.top : 0,
    right: box.width && wide ? view.right - box.left : 0,
    bottom: box.height && !wide ? view.bottom - box.top : 0,
  };
  const over = [byId("zoom").getBoundingClientRect(), found].filter((rect) => rect.width);
  scene.obstacles = over.map((rect) => ({
    left: rect.left - view.left - 6, right: rect.right - view.left + 6,
    top: rect.top - view.top - 6, bottom: rect.bottom - view.top + 6,
  }));
  scene.moved();
}

function resize() {
  scene.resize();
  layOut();
}

function connect() {
  byId("zoom-in").addEventListener("click", () => input.zoomBy(1.6));
  byId("zoom-out").addEventListener("click", () => input.zoomBy(1 / 1.6));
  byId("zoom-fit").addEventListener("click", () => scene.flyTo(scene.camera.homeView()));
  byId("legend-toggle").addEventListener("click", () => showLegend(byId("legend").hidden));
  byId("mode-toggle").addEventListener("click", () => setMode(scene.mode === "dark" ? "light" : "dark", true));
  byId("search-form").addEventListener("submit", (event) => { event.preventDefault(); runSearch(byId("search").value); });
  byId("search").addEventListener("input", (event) => {
    clearTimeout(searchTimer);
    searchTimer = setTimeout(() => runSearch(event.target.value), 160);
  });
  for (const id of ["panel", "search", "results"]) {
    byId(id).addEventListener("keydown", (event) => { if (event.key === "Escape") escape(); });
  }
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { if (!wishedMode()) setMode(systemMode(), false); });
  new ResizeObserver(resize).observe(byId("view"));
}

// What tests and curious readers can ask of the page.
function exposeHook() {
  window.paperatlas = {
    ready: texts.ready,
    labels: () => scene.names.boxes(),
    view: () => ({ x: scene.camera.x, y: scene.camera.y, zoom: scene.camera.zoom, width: scene.camera.width, height: scene.camera.height }),
    setView: ({ x, y, zoom }) => scene.moveTo({ x, y, scale: scene.camera.home * zoom }),
    screenOf: (i) => ({ x: scene.camera.screenX(atlas.x[i]), y: scene.camera.screenY(atlas.y[i]) }),
    frameTimes: () => scene.frameTimes.splice(0),
    open: (i) => choosePaper(i),
    // Fulfilled when no flight or fade is under way and the names have taken their best places.
    rest: () => new Promise((resolve) => {
      scene.onRest = () => { scene.onRest = null; resolve(); };
      scene.movedAt = -Infinity;
      scene.request();
    }),
  };
}

texts.load();
showLegend(!NARROW.matches);
setMode(wishedMode() || systemMode(), false);
legend.build();
legend.paint(scene.ink);
connect();
exposeHook();
