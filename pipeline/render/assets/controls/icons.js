// Small pictures on buttons, drawn in the colour of their text.

const SVG = "http://www.w3.org/2000/svg";

const PATHS = {
  papers: "M4 6v11h8M7 3h6l3 3v8H7zM10 8h3M10 11h3",
  link: "M8.5 11.5a3.2 3.2 0 0 0 4.6 0l2.6-2.6a3.2 3.2 0 0 0-4.6-4.6L10 5.4M11.5 8.5a3.2 3.2 0 0 0-4.6 0l-2.6 2.6a3.2 3.2 0 0 0 4.6 4.6L10 14.6",
  lasso: "M10 3.5c4 0 7 1.9 7 4.7s-3 4.8-7 4.8-7-2-7-4.8 3-4.7 7-4.7zM6.6 12.6c-1.4.5-1.9 1.6-1.1 2.5s2.4.6 2.3-.7M5.5 15.2c.6 1 .5 1.7-.3 2.3",
  far: "M10 3.2l7.3 13H2.7zM10 8.4v3.7M10 14.1v.01",
  back: "M12 4l-6 6 6 6",
  copy: "M7 7V4h9v9h-3M4 7h9v9H4z",
};

export function icon(name, size = 18) {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  const outer = { viewBox: "0 0 20 20", width: size, height: size, "aria-hidden": "true" };
  const inner = { d: PATHS[name], fill: "none", stroke: "currentColor", "stroke-width": 1.7, "stroke-linecap": "round", "stroke-linejoin": "round" };
  for (const [key, value] of Object.entries(outer)) svg.setAttribute(key, value);
  for (const [key, value] of Object.entries(inner)) path.setAttribute(key, value);
  svg.append(path);
  return svg;
}
