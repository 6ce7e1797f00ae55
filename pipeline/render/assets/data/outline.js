// Outlines on the map: which papers lie inside, and outlines with fewer corners.

import { atlas } from "./atlas.js";
import { maskOf } from "./focus.js";

const BANDS = 256;

// The mask of the papers inside a closed outline of corners [x, y]. A loop that crosses itself holds
// what it goes around (non-zero winding). Only the edges that pass at a paper's height are looked at.
export function maskInside(corners) {
  const xs = corners.map(([x]) => x);
  const ys = corners.map(([, y]) => y);
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const band = (y) => Math.max(0, Math.min(BANDS - 1, Math.floor(((y - top) / (bottom - top || 1)) * BANDS)));
  const edges = Array.from({ length: BANDS }, () => []);
  corners.forEach((from, k) => {
    const to = corners[(k + 1) % corners.length];
    if (from[1] === to[1]) return;
    const last = band(Math.max(from[1], to[1]));
    for (let b = band(Math.min(from[1], to[1])); b <= last; b++) edges[b].push([...from, ...to]);
  });
  return maskOf((i) => {
    const [x, y] = [atlas.x[i], atlas.y[i]];
    if (x < left || x > right || y < top || y > bottom) return false;
    return winding(edges[band(y)], x, y) !== 0;
  });
}

// How often edges go around a point: those that pass to its right, downwards less upwards.
function winding(edges, x, y) {
  let turns = 0;
  for (const [ax, ay, bx, by] of edges) {
    if (ay <= y === by <= y) continue;
    if (ax + ((y - ay) / (by - ay)) * (bx - ax) > x) turns += by > ay ? 1 : -1;
  }
  return turns;
}

// The outline with the fewest corners that stays within `reach` of it (Ramer 1972; Douglas and Peucker 1973).
export function simplified(corners, reach) {
  if (corners.length < 4) return corners;
  const kept = new Uint8Array(corners.length);
  kept[0] = kept[corners.length - 1] = 1;
  const spans = [[0, corners.length - 1]];
  while (spans.length) {
    const [from, to] = spans.pop();
    let farthest = -1;
    let most = reach;
    for (let k = from + 1; k < to; k++) {
      const gap = gapToSegment(corners[k], corners[from], corners[to]);
      if (gap > most) { most = gap; farthest = k; }
    }
    if (farthest < 0) continue;
    kept[farthest] = 1;
    spans.push([from, farthest], [farthest, to]);
  }
  return corners.filter((_, k) => kept[k]);
}

function gapToSegment([x, y], [ax, ay], [bx, by]) {
  const length = (bx - ax) ** 2 + (by - ay) ** 2;
  const part = length ? Math.max(0, Math.min(1, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length)) : 0;
  return Math.hypot(x - ax - part * (bx - ax), y - ay - part * (by - ay));
}
