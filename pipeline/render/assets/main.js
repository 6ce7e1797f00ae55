// Puts the parts together.

import { hook, setReady } from "./hook.js";
import { connectAnnouncer } from "./controls/announcer.js";
import { Chips } from "./controls/chips.js";
import { ColourBy } from "./controls/colour_by.js";
import { NARROW, byId } from "./controls/dom.js";
import { EmptyView } from "./controls/empty_view.js";
import { Filters } from "./controls/filters.js";
import { Help } from "./controls/help.js";
import { MapInput } from "./controls/input.js";
import { addKey, connectKeys } from "./controls/keys.js";
import { Lasso } from "./controls/lasso.js";
import { Legend } from "./controls/legend.js";
import { PageLink } from "./controls/link.js";
import { connectMode } from "./controls/mode.js";
import { sharedPhrases } from "./controls/nearest.js";
import { placeNotices } from "./controls/notice.js";
import { Outlook } from "./controls/outlook.js";
import { Overlays } from "./controls/overlays.js";
import { Panel } from "./controls/panel.js";
import { connectPrinting } from "./controls/printing.js";
import { SearchBox } from "./controls/search_box.js";
import { Side } from "./controls/side.js";
import { connectSkips } from "./controls/skips.js";
import { Tabs } from "./controls/tabs.js";
import { Tooltip } from "./controls/tooltip.js";
import { connectTools } from "./controls/tools.js";
import { atlas, papersOf } from "./data/atlas.js";
import { connectConditions, maskOfTheme } from "./data/conditions.js";
import { focus } from "./data/focus.js";
import { lazy } from "./data/lazy.js";
import { texts } from "./data/texts.js";
import { coreBoundsOf, margins } from "./drawing/camera.js";
import { Contours } from "./drawing/contour.js";
import { CrowdTable } from "./drawing/crowd.js";
import { connectPaint } from "./drawing/paint.js";
import { Sheet } from "./drawing/placement.js";
import { Scene } from "./drawing/scene.js";
import { Ties } from "./drawing/ties.js";
import { change, follow, state } from "./state.js";

connectMode(byId("mode-toggle"));
const scene = new Scene(byId("map"));
scene.overlays.push(new Contours());
const tooltip = new Tooltip(byId("tooltip"), scene);
const input = new MapInput(scene, tooltip, new Outlook(scene), bringIntoView);
const legend = new Legend(byId("tree"), byId("legend-clear"));
const search = { form: byId("search-form"), input: byId("search"), status: byId("search-status"), results: byId("results") };
new SearchBox(search, layOut);
const filters = new Filters(byId("filters"));
const tabs = new Tabs("Themes and filters", [
  { name: "Themes", node: byId("legend"), onSeen: (isSeen) => legend.see(isSeen) },
  { name: "Filters", node: byId("filters"), onSeen: (isSeen) => filters.see(isSeen) },
]);
follow(["theme"], narrowToTheme);
connectConditions();
connectPaint();
new Panel(byId("panel"), new Ties(scene), layOut);
placeNotices(byId("view"));
const lasso = new Lasso(scene, byId("view"), byId("zoom"), layOut);
new EmptyView(scene, byId("view"), () => input.showAll());
const overlays = new Overlays(scene, byId("view"), {
  sheets: [byId("panel"), byId("results")],
  floats: [byId("zoom"), byId("chips"), byId("colour"), lasso.hint],
});
new ColourBy(byId("colour"), layOut);
new Chips(byId("chips"), layOut);
follow(["paper"], () => { if (state.paper >= 0) bringIntoView(state.paper); });
follow(["theme"], flyToTheme);
const side = new Side({ node: byId("side"), toggle: byId("side-toggle"), close: byId("side-close") }, [byId("bar"), byId("view"), byId("panel")], resize);
connect();
connectAnnouncer();
connectPrinting(scene);
new ResizeObserver(resize).observe(byId("view"));
new ResizeObserver(makeRoom).observe(byId("panel")); // its texts may come late
const link = new PageLink(scene);
connectTools(byId("tools"), byId("zoom"), link);
exposeHook();
link.begin();
texts.load().then(setReady);

function narrowToTheme() {
  const theme = atlas.themes[state.theme];
  focus.narrow("theme", theme ? maskOfTheme(theme) : null);
}

function flyToTheme() {
  const { camera } = scene;
  const theme = atlas.themes[state.theme];
  if (!theme) { scene.flyTo(camera.homeView()); return; }
  if (side.isSheet) side.show(false, byId("panel-title"));
  const inset = margins(camera);
  for (const side of Object.keys(inset)) inset[side] += scene.inset[side];
  scene.flyTo(camera.viewOf(coreBoundsOf(papersOf(theme), theme.place), inset, 12));
}

// Moves the map only if the paper lies outside the part that is seen.
function bringIntoView(i) {
  const { camera } = scene;
  const bounds = scene.nameBounds();
  const x = camera.screenX(atlas.x[i]);
  const y = camera.screenY(atlas.y[i]);
  if (x > bounds.left && x < bounds.right && y > bounds.top && y < bounds.bottom) return;
  const zoom = Math.max(camera.zoom, 2);
  const scale = zoom * camera.home;
  scene.flyTo({
    x: atlas.x[i] + (scene.inset.right - scene.inset.left) / 2 / scale,
    y: atlas.y[i] + (scene.inset.bottom - scene.inset.top) / 2 / scale,
    scale,
  });
}

// Not only when a size changes: what moves the map next needs to know at once.
function layOut() {
  overlays.tell();
}

function resize() {
  scene.resize();
  layOut();
}

function makeRoom() {
  layOut();
  if (state.paper >= 0 && NARROW.matches) bringIntoView(state.paper);
}

function reach(part) {
  tabs.show(byId(part));
  side.reach(byId(part).querySelector("h2"));
}

function connect() {
  byId("zoom-in").addEventListener("click", () => input.zoomBy(1.6));
  byId("zoom-out").addEventListener("click", () => input.zoomBy(1 / 1.6));
  byId("zoom-fit").addEventListener("click", () => input.showAll());
  addKey({ keys: ["t"], shown: "T", says: "go to the themes", act: () => reach("legend") });
  addKey({ keys: ["f"], shown: "F", says: "go to the filters", act: () => reach("filters") });
  addKey({ keys: ["m"], shown: "M", says: "go to the map", act: () => byId("map").focus() });
  new Help(byId("help"), byId("help-open"));
  connectKeys(byId("map"));
  connectSkips();
}

function exposeHook() {
  Object.assign(hook, {
    atlas,
    lazy,
    paper: (i) => texts.paper(i),
    labels: (all) => scene.names.boxes(all),
    sprites: () => scene.names.pictures(),
    place: placeAsAsked,
    view: () => ({ x: scene.camera.x, y: scene.camera.y, zoom: scene.camera.zoom, width: scene.camera.width, height: scene.camera.height }),
    setView: ({ x, y, zoom }) => scene.moveTo({ x, y, scale: scene.camera.home * zoom }),
    screenOf: (i) => ({ x: scene.camera.screenX(atlas.x[i]), y: scene.camera.screenY(atlas.y[i]) }),
    frameTimes: () => scene.frameTimes.splice(0),
    opened: () => scene.opened,
    open: (i) => change({ paper: i }),
    state: () => ({ ...state }),
    change,
    inFocus: () => focus.count,
    inFocusRows: () => focus.rows(),
    shared: sharedPhrases,
    linked: () => link.settled(),
    // Fulfilled when no flight or fade is under way and the names have taken their best places.
    rest: () => new Promise((resolve) => {
      scene.onRest = () => { scene.onRest = null; resolve(); };
      scene.movedAt = -Infinity;
      scene.request();
    }),
  });
}

// Places labels as pipeline/render/placement.py does, whose arguments these are.
function placeAsAsked({ anchors, sizes, priorities, bounds, crowd, obstacles, padding, reach, lined }) {
  const [left, top, right, bottom] = bounds;
  const within = { left, top, right, bottom };
  const names = anchors.map(([x, y], i) => ({ x, y, w: sizes[i][0], h: sizes[i][1], priority: priorities[i], reach: reach[i] ?? Infinity, lined: lined[i] }));
  const table = crowd && right > left && bottom > top ? new CrowdTable(crowd.length, (i) => crowd[i][0], (i) => crowd[i][1], within) : null;
  const boxes = obstacles.map((box) => ({ left: box[0], top: box[1], right: box[2], bottom: box[3] }));
  const places = new Sheet(names, { bounds: within, obstacles: boxes, padding, crowd: table }).settle();
  return { centres: places.map((place, i) => (place ? [place.x, place.y] : anchors[i])), visible: places.map(Boolean) };
}
