// Which lines of a drawing belong together, and how a butterfly is turned upright: zoo/figures.py and zoo/placement.py once more,
// for the browser. A line is a list of points [x, y] in 0..255.

import { SIZE, bridges, dense, fillHoles, gap, length, rasterise, sum } from "./outline.js";

const [TOUCH, CROSS, HUG, REACH, WINGS] = [[3, 6], 1.5, 12, 40, 24]; // see zoo/figures.py for these
const [LEAST, BRIDGED, MIRRORS] = [0.004, 0.2, 0.05];
const GRID = 64;
const MIDDLE = (SIZE - 1) / 2;
const FILLS = 0.92;
const NEAR = [(4 * Math.PI) / 180, 5];

// What lines enclose, themselves included: GRID x GRID cells of 0 and 1, or null where that is next to nothing.
function inside(lines) {
  const side = GRID + 2;
  const ink = new Uint8Array(side * side);
  rasterise(lines, GRID, 1.5).forEach((value, i) => (ink[(Math.floor(i / GRID) + 1) * side + (i % GRID) + 1] = value > 0.3 ? 1 : 0));
  const whole = fillHoles(ink, side);
  if (sum(whole) - sum(ink) < LEAST * GRID ** 2) return null;
  return Uint8Array.from({ length: GRID ** 2 }, (_, i) => whole[(Math.floor(i / GRID) + 1) * side + (i % GRID) + 1]);
}

const cell = ([x, y]) => [x, y].map((value) => Math.min(GRID - 1, Math.max(0, Math.floor((value * GRID) / SIZE))));
const share = (points, filled) => sum(points.map((point) => filled[cell(point)[1] * GRID + cell(point)[0]])) / points.length;

// The least distance of two closed groups' lines, or of an end of one from the other; 0 where one lies in the other.
function apart(a, b) {
  for (const [outer, inner] of [[a, b], [b, a]]) if (outer.filled && share(inner.points, outer.filled) > 0.6) return 0;
  const least = (from, to) => {
    let found = Infinity;
    for (const p of from) for (const q of to) found = Math.min(found, gap(p, q));
    return found;
  };
  const lines = least(a.points, b.points);
  if ((a.filled && b.filled) || lines <= CROSS) return lines;
  return Math.min(least(a.ends, b.points), least(b.ends, a.points));
}

// How well the better half of all lines through its centroid mirrors a shape, 1 exactly.
function mirrors(filled) {
  const at = [...filled.keys()].filter((i) => filled[i]);
  const [cx, cy] = [(i) => i % GRID, (i) => Math.floor(i / GRID)].map((axis) => sum(at.map(axis)) / at.length);
  const value = (x, y) => (x >= 0 && y >= 0 && x < GRID && y < GRID ? filled[y * GRID + x] : 0);
  const between = (x, y) => {
    const [column, row] = [Math.floor(x), Math.floor(y)];
    const across = (r) => value(column, r) + (x - column) * (value(column + 1, r) - value(column, r));
    return across(row) + (y - row) * (across(row + 1) - across(row));
  };
  const overlap = (turn) => {
    const [nx, ny] = [Math.cos((turn * Math.PI) / 45), Math.sin((turn * Math.PI) / 45)];
    let [both, either] = [0, 0];
    filled.forEach((here, i) => {
      const [x, y] = [i % GRID, Math.floor(i / GRID)];
      const away = (x - cx) * nx + (y - cy) * ny;
      const there = between(x - 2 * away * nx, y - 2 * away * ny);
      both += Math.min(here, there);
      either += Math.max(here, there);
    });
    return both / either;
  };
  return Math.max(...Array.from({ length: 45 }, (_, turn) => overlap(turn)));
}

// Whether two closed groups are one figure: one in the other, a small part near it, or two wings.
function one(a, b) {
  const [larger, smaller] = sum(a.filled) < sum(b.filled) ? [b, a] : [a, b];
  const shared = sum(larger.filled.map((value, i) => value & smaller.filled[i]));
  if (shared > 0.6 * sum(smaller.filled)) return true;
  const away = apart(larger, smaller);
  if (away > WINGS) return false;
  if (sum(smaller.filled) < 0.25 * sum(larger.filled)) return away <= HUG;
  const whole = larger.filled.map((value, i) => value | smaller.filled[i]);
  return mirrors(whole) > Math.max(mirrors(larger.filled), mirrors(smaller.filled)) + MIRRORS;
}

// A drawing's lines sorted into figures: lists of their numbers.
export function figures(drawn) {
  const all = [...drawn.keys()];
  const group = (lines) => {
    const own = lines.map((i) => drawn[i]);
    const ways = bridges(own);
    const closed = sum(ways.map(length)) <= BRIDGED * sum(own.map(length));
    return { lines, points: own.flatMap(dense), ends: own.flatMap((line) => [line[0], line.at(-1)]), filled: closed ? inside([...own, ...ways]) : null };
  };
  const ordered = (lines) => lines.sort((a, b) => a - b);
  const join = (groups, together) => {
    groups = [...groups];
    for (;;) {
      let pair = null;
      for (let a = 1; a < groups.length && !pair; a++) for (let b = 0; b < a && !pair; b++) if (together(groups[b], groups[a])) pair = [a, b];
      if (!pair) return groups;
      const [later] = groups.splice(pair[0], 1);
      const earlier = groups[pair[1]];
      const whole = group(ordered([...earlier.lines, ...later.lines]));
      for (const { filled } of [earlier, later])
        if (filled) whole.filled = whole.filled ? whole.filled.map((value, i) => value | filled[i]) : filled;
      groups[pair[1]] = whole;
    }
  };
  let groups = join(all.map((i) => group([i])), (a, b) => apart(a, b) <= TOUCH[a.filled && b.filled ? 0 : 1]);
  for (;;) {
    const pieces = groups.filter(({ filled }) => !filled);
    let best = [REACH, null, null];
    pieces.forEach((a, i) => pieces.slice(0, i).forEach((b) => (best = apart(a, b) < best[0] ? [apart(a, b), a, b] : best)));
    if (!best[1]) break;
    groups = [...groups.filter((each) => each !== best[1] && each !== best[2]), group(ordered([...best[1].lines, ...best[2].lines]))];
  }
  const belongs = (piece, closed) => closed.some((other) => apart(piece, other) <= HUG);
  let closed = groups.filter(({ filled }) => filled);
  if (!closed.length) return drawn.length ? [all] : [];
  if (closed.length === 1 && groups.every((each) => each.filled || belongs(each, closed))) return [all];
  closed = join(closed.sort((a, b) => sum(b.filled) - sum(a.filled)), one);
  const found = closed.map(({ lines }) => [...lines]);
  for (const piece of groups.filter(({ filled }) => !filled)) {
    const away = closed.map((other) => apart(piece, other));
    const nearest = away.indexOf(Math.min(...away));
    const own = piece.lines.map((i) => drawn[i]);
    if (away[nearest] <= HUG || !inside([...own, [own.at(-1).at(-1), own[0][0]]])) found[nearest].push(...piece.lines);
    else found.push(piece.lines);
  }
  return found.map(ordered).sort((a, b) => a[0] - b[0]);
}

// --- placement ---

export const PAD = { angle: 0, scale: 1, x: MIDDLE, y: MIDDLE };

// A point of the pad in a butterfly's own picture, where it is upright.
export function upright({ angle, scale, x, y }, [px, py]) {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const [dx, dy] = [px - x, py - y];
  return [(dx * cos + dy * sin) / scale + MIDDLE, (-dx * sin + dy * cos) / scale + MIDDLE];
}

export function onPad({ angle, scale, x, y }, [px, py]) {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const [dx, dy] = [px - MIDDLE, py - MIDDLE];
  return [(dx * cos - dy * sin) * scale + x, (dx * sin + dy * cos) * scale + y];
}

// How a butterfly lies whose axis is known. Kinds: 0 whole, 1 a right wing by itself, 2 a left one.
export function placement(points, { x, y, angle, kind }) {
  const at = { angle, scale: 1, x, y };
  const along = points.map((point) => upright(at, point).map((value) => value - MIDDLE));
  const range = (k) => along.reduce(([low, high], point) => [Math.min(low, point[k]), Math.max(high, point[k])], [Infinity, -Infinity]);
  const [[left, right], [top, bottom]] = [range(0), range(1)];
  const wide = [Math.max(right, -left), right, -left][kind];
  const [mx, my] = onPad(at, [MIDDLE, MIDDLE + (top + bottom) / 2]);
  return { angle, scale: Math.max(2 * wide, bottom - top, 1) / (FILLS * (SIZE - 1)), x: mx, y: my };
}

// The pad itself for a butterfly that is upright in its middle as good as exactly.
export function settled(placed) {
  const turn = Math.abs(((placed.angle + 3 * Math.PI) % (2 * Math.PI)) - Math.PI);
  return turn <= NEAR[0] && Math.abs(placed.x - MIDDLE) <= NEAR[1] ? PAD : placed;
}

const [BODY_LENGTH, BODY_NEAR, BODY_TURN, BESIDE] = [0.3, 0.12, (20 * Math.PI) / 180, 0.9]; // as in zoo/dressing.py

// An axis, led along the longest straight stroke that lies nearly on it, if one is drawn: a body.
export function alongBody(part, unit, { x, y, angle, kind }) {
  let [best, led] = [BODY_LENGTH * unit, { x, y, angle, kind }];
  for (const line of part) {
    const [[x0, y0], [x1, y1]] = [line[0], line.at(-1)];
    const [mx, my] = [(x0 + x1) / 2, (y0 + y1) / 2];
    const far = gap(line[0], line.at(-1));
    const turned = Math.atan2(x1 - x0, y0 - y1) - angle + Math.PI / 2;
    const turn = turned - Math.floor(turned / Math.PI) * Math.PI - Math.PI / 2;
    const away = Math.abs((mx - x) * Math.cos(angle) + (my - y) * Math.sin(angle));
    if (far > best && length(line) < 1.2 * far && Math.abs(turn) < BODY_TURN && away < BODY_NEAR * unit)
      [best, led] = [far, { x: mx, y: my, angle: angle + turn, kind }];
  }
  return led;
}

// Whether points lie on both sides of an axis, on its right or on its left.
export function kindOf(points, { x, y, angle }) {
  const right = points.filter(([px, py]) => (px - x) * Math.cos(angle) + (py - y) * Math.sin(angle) > 0).length / points.length;
  return right > BESIDE ? 1 : right < 1 - BESIDE ? 2 : 0;
}

// Where an axis leaves a figure: x and y of its head's and of its tail's end.
export function ends(points, { x, y, angle }) {
  const along = points.map(([px, py]) => (px - x) * Math.sin(angle) - (py - y) * Math.cos(angle));
  const [head, tail] = along.reduce(([high, low], value) => [Math.max(high, value), Math.min(low, value)], [-Infinity, Infinity]);
  return [head, tail].flatMap((far) => [x + far * Math.sin(angle), y - far * Math.cos(angle)]);
}
