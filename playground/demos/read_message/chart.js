// Figures as figures.py has them: lines with their names in a corner, or a point with its name for each reader.

const COLORS = ["var(--slate)", "var(--color-accent)", "#6b8fbe", "#b8722c"];
const [HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [240, 52, 12, 12, 44]; // CSS pixels

function svg(name, properties, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(properties)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function ticks(low, high, count, log) {
  if (log && high > 5 * low) {
    const powers = Array.from({ length: Math.ceil(Math.log10(high)) - Math.floor(Math.log10(low)) + 1 }, (_, i) => 10 ** (Math.floor(Math.log10(low)) + i));
    return powers.flatMap((power) => [1, 2, 5].map((times) => Number((times * power).toPrecision(3)))).filter((x) => x >= low && x <= high);
  }
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((times) => times * power).find((size) => size >= 0.7 * rough);
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(6)));
}

function drawn(wide, { title, series, x, y, points, log, mark, ring, least, corner }) {
  const all = Object.values(series);
  const [xs, ys] = [0, 1].map((i) => all.flatMap((line) => line[i]));
  const pad = points ? 0.25 * (Math.max(...ys) - Math.min(...ys) || 0.2) : 0;
  const ends = [xs, ys].map((values, i) => (least === null ? [Math.min(...values) - i * pad, Math.max(...values) + i * pad] : [least, 101]));
  if (points) ends[0] = [ends[0][0] / 1.3, ends[0][1] * 1.3];
  const to = (i, from, until) => {
    const scale = i || !log ? (value) => value : Math.log;
    const [low, high] = ends[i].map(scale);
    return (value) => from + ((scale(value) - low) / (high - low || 1)) * (until - from);
  };
  const [right, floor] = [wide - RIGHT, HEIGHT - BOTTOM];
  const [px, py] = [to(0, LEFT, right), to(1, floor, TOP)];
  const said = (text, properties) => svg("text", { fill: "currentColor", "font-size": 13, ...properties }, String(text));
  const root = svg("svg", { width: wide, height: HEIGHT, role: "img", "aria-label": `${title}: ${y} over ${x}` });
  for (const value of ticks(...ends[1], 5, false))
    root.append(
      svg("path", { d: `M${LEFT} ${py(value)}H${right}`, stroke: "currentColor", "stroke-opacity": 0.15 }),
      said(value, { x: LEFT - 6, y: py(value) + 4, "text-anchor": "end" }),
    );
  for (const value of ticks(...ends[0], wide / 90, log)) root.append(said(value, { x: px(value), y: floor + 18, "text-anchor": "middle" }));
  root.append(
    said(x, { x: (LEFT + right) / 2, y: HEIGHT - 6, "text-anchor": "middle" }),
    said(y, { x: 0, y: 0, transform: `translate(12 ${(TOP + floor) / 2}) rotate(-90)`, "text-anchor": "middle" }),
  );
  const inside = (value, i) => value >= ends[i][0] && value <= ends[i][1];
  Object.entries(series).forEach(([name, [across, up]], i) => {
    const color = COLORS[i];
    if (points) {
      const [cx, cy] = [px(across[0]), py(up[0])];
      const anchor = cx > wide / 2 ? "end" : "start";
      root.append(svg("circle", { cx, cy, r: 5, fill: COLORS[0] }), said(name, { x: cx, y: cy + (i % 2 ? -10 : 20), "text-anchor": anchor }));
      return;
    }
    const path = [];
    let pen = "M";
    across.forEach((value, at) => {
      if (!inside(value, 0) || !inside(up[at], 1)) return void (pen = "M");
      path.push(`${pen}${px(value).toFixed(1)} ${py(up[at]).toFixed(1)}`);
      pen = "L";
    });
    root.append(svg("path", { d: path.join(""), fill: "none", stroke: color, "stroke-width": 2, "stroke-dasharray": i === 2 ? "6 4" : "none" }));
    const [side, end] = corner;
    const row = end === "top" ? TOP + 14 + 18 * i : floor - 8 - 18 * (all.length - 1 - i);
    root.append(said(name, { x: side === "left" ? LEFT + 8 : right - 8, y: row, "text-anchor": side === "left" ? "start" : "end", style: `fill: ${color}` }));
  });
  if (mark !== null) root.append(svg("path", { d: `M${px(mark)} ${TOP}V${floor}`, stroke: COLORS[1], "stroke-dasharray": "2 3" }));
  if (ring) root.append(svg("circle", { cx: px(Math.max(ring[0], ends[0][0])), cy: py(Math.max(ring[1], ends[1][0])), r: 6, fill: "none", stroke: COLORS[1], "stroke-width": 3 }));
  return root;
}

const shown = new WeakMap(); // by element: the figure in it
const watch = new ResizeObserver((entries) => entries.forEach(({ target }) => target.clientWidth && target.replaceChildren(drawn(target.clientWidth, shown.get(target)))));

// A figure as wide as there is room.
export function chart(figure) {
  const host = document.createElement("div");
  host.style.minHeight = `${HEIGHT}px`;
  shown.set(host, figure);
  watch.observe(host);
  return host;
}
