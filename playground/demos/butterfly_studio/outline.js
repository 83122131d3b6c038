// From strokes to a picture of lines and to the silhouette that they enclose: zoo/drawing.py once more, for the browser.
//
// A line is a list of points [x, y] in 0..255.

export const SIZE = 256; // side of the pictures, pixels
const BRIDGE = 80; // longest gap that is closed
const PAD = 16; // margin within which shapes grow and shrink

export const gap = ([x0, y0], [x1, y1]) => Math.hypot(x1 - x0, y1 - y0);
export const sum = (values) => values.reduce((a, b) => a + b, 0);
export const length = (line) => sum(line.slice(1).map((point, i) => gap(line[i], point)));
const ends = (lines) => lines.flatMap((line) => [line[0], line.at(-1)]);

export const lines = (strokes) =>
  strokes.filter((stroke) => stroke.length >= 4).map((stroke) => Array.from({ length: stroke.length / 2 }, (_, i) => [stroke[2 * i], stroke[2 * i + 1]]));

export const mirrored = (strokes) => [...strokes, ...strokes.map((stroke) => stroke.map((value, i) => (i % 2 ? value : 255 - value)))];

// Lines with round joints, 1 on a line: size x size numbers from 0 to 1; the pen's width is in pixels.
export function rasterise(drawn, size = SIZE, width = 3) {
  const pen = new OffscreenCanvas(size, size).getContext("2d", { willReadFrequently: true });
  pen.scale(size / SIZE, size / SIZE);
  pen.lineWidth = (width * SIZE) / size;
  pen.lineCap = pen.lineJoin = "round";
  pen.beginPath();
  for (const line of drawn) line.forEach(([x, y], i) => (i ? pen.lineTo(x + 0.5, y + 0.5) : pen.moveTo(x + 0.5, y + 0.5)));
  pen.stroke();
  const { data } = pen.getImageData(0, 0, size, size);
  return Float32Array.from({ length: size * size }, (_, i) => data[4 * i + 3] / 255);
}

// Points on a line, at most 2 apart.
export function dense(line) {
  return line.flatMap((b, i) => {
    if (i === 0) return [b];
    const a = line[i - 1];
    const n = Math.max(1, Math.ceil(gap(a, b) / 2));
    return Array.from({ length: n }, (_, k) => [0, 1].map((axis) => a[axis] + ((b[axis] - a[axis]) * (k + 1)) / n));
  });
}

// Straight lines from each loose end to the nearest line beyond its own tip: loose ends with each other first.
export function bridges(drawn) {
  const tips = ends(drawn);
  const every = drawn.map(dense);
  const nearest = (tip, own) => {
    let found = [Infinity, null];
    every.forEach((line, i) => {
      if (i !== own) for (const point of line) if (gap(point, tip) < found[0]) found = [gap(point, tip), point];
    });
    return found;
  };
  const loose = tips
    .map((_, e) => e)
    .filter((e) => nearest(tips[e], e >> 1)[0] > 3 && (gap(tips[e ^ 1], tips[e]) > 3 || drawn[e >> 1].length < 3));
  const left = new Set(loose);
  const found = [];
  const pairs = loose.flatMap((a, i) => loose.slice(i + 1).map((b) => [gap(tips[a], tips[b]), a, b]));
  for (const [distance, a, b] of pairs.sort((p, q) => p[0] - q[0] || p[1] - q[1] || p[2] - q[2])) {
    if (distance > BRIDGE || !left.has(a) || !left.has(b)) continue;
    found.push([tips[a], tips[b]]);
    left.delete(a);
    left.delete(b);
  }
  for (const e of [...left].sort((a, b) => a - b)) {
    const [distance, point] = nearest(tips[e], e >> 1);
    if (distance <= BRIDGE) found.push([tips[e], point]);
  }
  return found;
}

// Straight lines that join lines to one closed ring: the nearest two free ends of different lines first.
function ring(drawn) {
  const tips = ends(drawn);
  let part = tips.map((_, e) => e >> 1);
  const free = new Set(tips.keys());
  const found = [];
  const pairs = tips.flatMap((_, a) => tips.slice(a + 1).map((__, i) => [a, a + 1 + i]));
  pairs.sort((p, q) => gap(tips[p[0]], tips[p[1]]) - gap(tips[q[0]], tips[q[1]]));
  for (const [a, b] of pairs) {
    if (!free.has(a) || !free.has(b) || part[a] === part[b]) continue;
    found.push([tips[a], tips[b]]);
    free.delete(a);
    free.delete(b);
    part = part.map((p) => (p === part[b] ? part[a] : p));
  }
  return free.size ? [...found, [...free].sort((a, b) => a - b).map((e) => tips[e])] : [];
}

// A shape of side x side cells of 0 and 1, one cell larger on its four sides where it may grow, or smaller.
export function grow(shape, side, steps, within = null) {
  for (let step = 0; step < steps; step++) {
    const next = shape.slice();
    for (let i = side; i < shape.length - side; i++)
      if (!shape[i] && (!within || within[i]) && (shape[i - 1] || shape[i + 1] || shape[i - side] || shape[i + side])) next[i] = 1;
    shape = next;
  }
  return shape;
}

const inverse = (shape) => shape.map((cell) => 1 - cell);
export const shrink = (shape, side, steps) => inverse(grow(inverse(shape), side, steps));

export function fillHoles(shape, side) {
  const outside = new Uint8Array(shape.length);
  const waiting = [0];
  outside[0] = 1;
  while (waiting.length) {
    const i = waiting.pop();
    const column = i % side;
    for (const [j, there] of [[i - 1, column > 0], [i + 1, column < side - 1], [i - side, i >= side], [i + side, i < shape.length - side]])
      if (there && !outside[j] && !shape[j]) {
        outside[j] = 1;
        waiting.push(j);
      }
  }
  return inverse(outside);
}

// What lines enclose, closing gaps of a few pixels if need be; nothing where they enclose next to nothing.
function filled(drawn) {
  const side = SIZE + 2 * PAD;
  const picture = rasterise(drawn);
  const ink = new Uint8Array(side * side);
  picture.forEach((value, i) => (ink[(Math.floor(i / SIZE) + PAD) * side + (i % SIZE) + PAD] = value > 0.5 ? 1 : 0));
  const cut = (shape) => Float32Array.from(picture, (_, i) => shape[(Math.floor(i / SIZE) + PAD) * side + (i % SIZE) + PAD]);
  for (const reach of [0, 2, 4]) {
    const whole = shrink(fillHoles(grow(ink, side, reach), side), side, reach);
    if (sum(whole) <= 2 * sum(ink) + 0.005 * SIZE ** 2) continue;
    const opened = grow(shrink(whole, side, 2), side, 2); // lines that enclose nothing, such as antennae, go
    return cut(grow(opened, side, 1, whole));
  }
  return new Float32Array(SIZE * SIZE);
}

// The lines' convex hull, by Andrew's monotone chain.
function hull(points) {
  const sorted = [...points].sort(([x0, y0], [x1, y1]) => x0 - x1 || y0 - y1);
  const turn = (o, a, b) => (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0]);
  const chain = (list) => {
    const kept = [];
    for (const point of list) {
      while (kept.length > 1 && turn(kept.at(-2), kept.at(-1), point) <= 0) kept.pop();
      kept.push(point);
    }
    return kept.slice(0, -1);
  };
  return [...chain(sorted), ...chain(sorted.reverse())];
}

// What a drawing encloses once its gaps are closed, 1 inside: SIZE x SIZE numbers; see zoo/drawing.py for the readings.
export function enclose(drawn) {
  if (!drawn.length) return new Float32Array(SIZE * SIZE);
  const longest = Math.max(...drawn.map(length));
  const long = drawn.filter((line) => length(line) > 0.3 * longest);
  const readings = [bridges(drawn), bridges(long), long.map((line) => [line[0], line.at(-1)])];
  const outline = ring(drawn);
  if (sum(outline.map(length)) < 0.3 * sum(drawn.map(length))) readings.push(outline);
  const shapes = readings.map((more) => filled([...drawn, ...more]));
  const best = shapes.reduce((a, b) => (sum(b) > sum(a) ? b : a));
  if (best.some((cell) => cell)) return best;
  const ink = rasterise(drawn);
  const pen = new OffscreenCanvas(SIZE, SIZE).getContext("2d", { willReadFrequently: true });
  pen.beginPath();
  for (const [x, y] of hull(drawn.flat())) pen.lineTo(x + 0.5, y + 0.5);
  pen.fill();
  const { data } = pen.getImageData(0, 0, SIZE, SIZE);
  return ink.map((value, i) => (value > 0.5 || data[4 * i + 3] > 127 ? 1 : 0));
}
