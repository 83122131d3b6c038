// A silhouette's edge as smooth rings, and colours led over it: zoo/contour.py once more, for the browser.

import { SIZE, shrink } from "./outline.js";

const BLUR = 0.8; // of the silhouette, pixels
const SMOOTH = 4; // of a ring, points
const TUBE = 0.7; // how far a point may move then, pixels
const MARGIN = 4; // about the silhouette, so that every ring closes
const EVERY = 3; // points of a ring, of which its curve keeps one
const NEAR = 1; // pixels from which `spread` takes a colour
const REACH = 4; // pixels from which it takes any
const WIDE = SIZE + 2 * MARGIN;

// From which side of a cell to which the line runs, the inside on its right, by the corners that lie inside.
const SIDES = {
  1: ["TL"], 2: ["RT"], 4: ["BR"], 8: ["LB"], 3: ["RL"], 6: ["BT"], 12: ["LR"], 9: ["TB"], 14: ["LT"], 13: ["TR"],
  11: ["RB"], 7: ["BL"], 5: ["TL", "BR"], 10: ["RT", "LB"], 21: ["TR", "BL"], 26: ["LT", "RB"],
};
const SIDE = { T: 0, L: 1, B: 2 * WIDE, R: 3 };

function bell(sigma, reach) {
  const weights = Array.from({ length: 2 * reach + 1 }, (_, i) => Math.exp(-((i - reach) ** 2) / (2 * sigma ** 2)));
  const sum = weights.reduce((a, b) => a + b);
  return weights.map((weight) => weight / sum);
}

// SIZE x SIZE numbers with a margin, blurred, less a half.
function blurred(silhouette) {
  const reach = Math.round(4 * BLUR);
  const weights = bell(BLUR, reach);
  let level = new Float32Array(WIDE * WIDE);
  for (let row = 0; row < SIZE; row++) level.set(silhouette.subarray(row * SIZE, (row + 1) * SIZE), (row + MARGIN) * WIDE + MARGIN);
  for (const step of [1, WIDE])
    level = level.map((_, i) => {
      let sum = 0;
      for (let k = -reach; k <= reach; k++) sum += weights[k + reach] * (level[i + k * step] ?? 0);
      return sum;
    });
  return level.map((value) => value - 0.5);
}

function crossing(edge, level) {
  const [place, down] = [edge >> 1, edge & 1];
  const share = level[place] / (level[place] - level[place + (down ? WIDE : 1)]);
  return [(place % WIDE) + (down ? 0 : share) + 0.5 - MARGIN, Math.floor(place / WIDE) + (down ? share : 0) + 0.5 - MARGIN];
}

function smooth(ring) {
  const reach = 3 * SMOOTH;
  const weights = bell(SMOOTH, reach);
  const n = ring.length;
  const soft = (points) =>
    points.map((_, i) => [0, 1].map((axis) => weights.reduce((sum, weight, k) => sum + weight * points[(((i + k - reach) % n) + n) % n][axis], 0)));
  const first = soft(ring);
  const rest = soft(ring.map(([x, y], i) => [x - first[i][0], y - first[i][1]]));
  return ring.map(([x, y], i) => {
    const [dx, dy] = [first[i][0] + rest[i][0] - x, first[i][1] + rest[i][1] - y];
    const share = Math.min(1, TUBE / Math.max(Math.hypot(dx, dy), 1e-9));
    return [x + share * dx, y + share * dy];
  });
}

// The closed rings of SIZE x SIZE numbers, 1 inside: lists of points [x, y] in pixels from the top left corner.
export function rings(silhouette) {
  const level = blurred(silhouette);
  const following = new Map();
  for (let row = 0; row < WIDE - 1; row++)
    for (let column = 0; column < WIDE - 1; column++) {
      const place = row * WIDE + column;
      const corners = [level[place], level[place + 1], level[place + WIDE + 1], level[place + WIDE]];
      const inside = corners.reduce((sum, value, i) => sum + (value > 0 ? 2 ** i : 0), 0);
      const split = (inside === 5 || inside === 10) && corners.reduce((a, b) => a + b) > 0;
      for (const [a, b] of SIDES[inside + 16 * split] ?? []) following.set(2 * place + SIDE[a], 2 * place + SIDE[b]);
    }
  const found = [];
  while (following.size) {
    const [first, second] = following.entries().next().value;
    following.delete(first);
    const ring = [first];
    for (let at = second; at !== first; ) {
      ring.push(at);
      const next = following.get(at);
      following.delete(at);
      at = next;
    }
    found.push(smooth(ring.map((edge) => crossing(edge, level))));
  }
  return found;
}

// Rings as SVG path data, quadratic curves; holes are holes by the even-odd rule.
export function path(found) {
  const said = ([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`;
  return found.map((ring) => {
    const points = ring.length >= 4 * EVERY ? ring.filter((_, i) => i % EVERY === 0) : ring;
    const ends = points.map(([x, y], i) => {
      const [a, b] = points[(i + 1) % points.length];
      return [(x + a) / 2, (y + b) / 2];
    });
    return `M${said(ends.at(-1))}${points.map((point, i) => `Q${said(point)} ${said(ends[i])}`).join("")}Z`;
  }).join("");
}

// Rings as an SVG file: a thin black line, nothing where there are none.
export function svg(found) {
  const line = found.length ? `<path d="${path(found)}" fill="none" fill-rule="evenodd" stroke="#000"/>` : "";
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${SIZE} ${SIZE}" width="${SIZE}" height="${SIZE}">${line}</svg>\n`;
}

// For each cell whether any of those up to `reach` away is set.
function near(shape, reach) {
  const along = (from, step) =>
    from.map((_, i) => {
      for (let k = -reach; k <= reach; k++) if (from[i + k * step]) return 1;
      return 0;
    });
  return along(along(shape, 1), SIZE);
}

// Leads the colours of an ImageData over its edge, so that it can be cut anew there.
export function spread(image) {
  const { data } = image;
  const opaque = Uint8Array.from({ length: SIZE * SIZE }, (_, i) => data[4 * i + 3] > 127);
  const inner = shrink(opaque, SIZE, 2); // the outermost are mixed with the paper
  const close = near(inner, 3);
  const sure = inner.map((cell, i) => cell || (opaque[i] && !close[i])); // what is too thin has no inside
  const wanted = near(sure, REACH);
  const weights = bell(NEAR, REACH);
  const given = data.slice();
  for (let i = 0; i < sure.length; i++) {
    data[4 * i + 3] = wanted[i] ? 255 : 0;
    if (sure[i] || !wanted[i]) continue;
    const colour = [0, 0, 0, 0];
    for (let y = -REACH; y <= REACH; y++)
      for (let x = -REACH; x <= REACH; x++) {
        const j = i + y * SIZE + x;
        if (!sure[j]) continue;
        const weight = weights[y + REACH] * weights[x + REACH];
        for (let k = 0; k < 3; k++) colour[k] += weight * given[4 * j + k];
        colour[3] += weight;
      }
    for (let k = 0; k < 3; k++) data[4 * i + k] = Math.round(colour[k] / colour[3]);
  }
  return image;
}
