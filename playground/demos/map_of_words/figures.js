// Tables, lines and bars.

import { element } from "./element.js";

const [LESS, MORE] = ["var(--slate)", "#d96a14"];
const COLORS = [MORE, LESS, "#7d7a74"];
const [HIGH, LEFT, BOTTOM, TOP] = [280, 52, 44, 16];
const SVG = "http://www.w3.org/2000/svg";

function shape(name, properties, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(properties)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

// Words with their cosines, each list beside the next, by its title.
export function table(lists) {
  const count = Math.max(...Object.values(lists).map((list) => list.length));
  const rows = Array.from({ length: count }, (_, i) => Object.values(lists).map((list) => (list[i] ? `${list[i][0]} ${list[i][1].toFixed(2)}` : "")));
  const made = table.rows(Object.keys(lists), rows);
  made.querySelectorAll("td").forEach((cell) => (cell.style.textAlign = "left"));
  return made;
}

table.rows = (heads, rows) =>
  element(
    "table",
    {},
    element("thead", {}, element("tr", {}, ...heads.map((textContent) => element("th", { textContent })))),
    element("tbody", {}, ...rows.map((row) => element("tr", {}, ...row.map((textContent) => element("td", { textContent }))))),
  );

// Up to three lines over the same x, each with its name at its end, so many CSS pixels wide.
export function lines(x, series, xTitle, yTitle, wide) {
  const all = series.flatMap(({ y }) => y);
  const [low, high] = [Math.min(0, ...all), Math.max(...all) + 0.05];
  const [from, to] = [x[0], x.at(-1)];
  const across = (value) => LEFT + ((value - from) / (to - from)) * (wide - LEFT - 20);
  const up = (value) => HIGH - BOTTOM - ((value - low) / (high - low)) * (HIGH - BOTTOM - TOP);
  const text = (said, place) => shape("text", { fill: "currentColor", ...place }, said);
  const drawn = shape("svg", { viewBox: `0 0 ${wide} ${HIGH}`, class: "zoo-drawing", role: "img", "font-size": 14, fill: "none",
    "aria-label": series.map(({ name, y }) => `${name}: ${y.map((value) => value.toFixed(2)).join(", ")}`).join("; ") }); // prettier-ignore
  for (let tick = Math.ceil(low * 5) / 5; tick <= high; tick += 0.2) {
    drawn.append(shape("path", { d: `M${LEFT} ${up(tick)}H${wide - 20}`, stroke: "currentColor", opacity: 0.15 }));
    drawn.append(text(tick.toFixed(1), { x: LEFT - 8, y: up(tick) + 4, "text-anchor": "end" }));
  }
  for (const year of x) drawn.append(text(String(year), { x: across(year), y: HIGH - BOTTOM + 18, "text-anchor": year === to ? "end" : "middle" }));
  drawn.append(text(xTitle, { x: wide / 2, y: HIGH - 6, "text-anchor": "middle" }));
  drawn.append(text(yTitle, { x: 12, y: HIGH / 2, "text-anchor": "middle", transform: `rotate(-90 12 ${HIGH / 2})` }));
  series.forEach(({ name, y }, i) => {
    const at = x.map((year, k) => `${across(year)} ${up(y[k])}`);
    drawn.append(shape("path", { d: `M${at.join("L")}`, stroke: COLORS[i], "stroke-width": 2.5 }));
    drawn.append(text(name, { x: wide - 22, y: up(y.at(-1)) + (i % 2 ? 18 : -8), "text-anchor": "end", style: `fill: ${COLORS[i]}`, "font-weight": 600 }));
  });
  return drawn;
}

// Words with values to either side of 0, the first at the top.
export function bars(values, title) {
  const most = Math.max(...values.map(([, value]) => Math.abs(value)), 1e-9);
  const rows = values.flatMap(([name, value]) => {
    const share = (100 * Math.abs(value)) / most / 2;
    const bar = element("i", { style: `background: ${value > 0 ? MORE : LESS}; width: ${share}%; margin-left: ${value > 0 ? 50 : 50 - share}%` });
    return [element("span", { textContent: name }), bar, element("span", { textContent: value.toFixed(2) })];
  });
  const drawn = element("div", { className: "bars" }, ...rows);
  drawn.style.cssText = "grid-template-columns: 6rem 1fr 3rem; max-width: 44rem";
  return element("figure", { style: "margin: 0" }, drawn, element("figcaption", { className: "quiet", textContent: title }));
}
