// What the pad's tools do to a drawing: geometry without a screen. A stroke is a flat list of integers
// [x0, y0, x1, y1, ...] in 0..255, a point is [x, y]. A stroke that a tool leaves alone stays the same object.

export const SIDE = 255;
export const REACH = { eraser: 10, bend: 45 }; // radius of what a tool touches
const TOLERANCE = 0.5; // how far a simplified stroke may stray
const STEP = 2; // spacing at which strokes are smoothed
const PASSES = 10; // of [1 2 1] / 4: with that spacing a Gaussian of 3 to 4 units
const SUPPLE = 5; // spacing of the points that bend

export const clamp = (value) => Math.min(SIDE, Math.max(0, Math.round(value)));
export const gap = ([x0, y0], [x1, y1]) => Math.hypot(x1 - x0, y1 - y0);
export const reflect = ([x, y]) => [SIDE - x, y];
const mix = ([x0, y0], [x1, y1], t) => [x0 + t * (x1 - x0), y0 + t * (y1 - y0)];
const points = (stroke) => Array.from({ length: stroke.length / 2 }, (_, i) => stroke.slice(2 * i, 2 * i + 2));
const sum = (values) => values.reduce((a, b) => a + b, 0);

// A stroke of these points, rounded, without repeats.
function whole(line) {
  const rounded = line.map((point) => point.map(clamp));
  return rounded.filter((point, i) => i === 0 || gap(point, rounded[i - 1]) > 0).flat();
}

// From a point to the line between two others.
function distance(point, start, end) {
  const length = gap(start, end) ** 2;
  const along = (point[0] - start[0]) * (end[0] - start[0]) + (point[1] - start[1]) * (end[1] - start[1]);
  return gap(point, mix(start, end, length && Math.min(1, Math.max(0, along / length))));
}

// The smooth curve through the points: [start, control, control, end] of each Bezier segment. Its tangents are
// those of circles through three points. Handles vanish where the line turns sharply and stay short beside a
// short neighbour, so that corners stay corners and long straight lines do not bulge.
function beziers(line) {
  const handles = line.map((point, i) => {
    const [before, after] = [line[i - 1], line[i + 1]];
    if (!before || !after) return [point, point];
    const [a, b] = [gap(before, point) || 1, gap(point, after) || 1];
    const ins = [(point[0] - before[0]) / a, (point[1] - before[1]) / a];
    const outs = [(after[0] - point[0]) / b, (after[1] - point[1]) / b];
    const straight = ins[0] * outs[0] + ins[1] * outs[1]; // cosine of the turn
    const tangent = mix(ins, outs, a / (a + b));
    const reach = Math.min(1, Math.max(0, 1.5 * straight)) / 3 / (gap([0, 0], tangent) || 1);
    const lengths = [-reach * Math.min(a, 2 * b), reach * Math.min(b, 2 * a)];
    return lengths.map((length) => point.map((value, k) => value + length * tangent[k]));
  });
  return line.slice(1).map((end, i) => [line[i], handles[i][1], handles[i + 1][0], end]);
}

// Points on the curve, no further apart than this where it is asked for.
function trace(line, longest, within = () => true) {
  const segments = beziers(line).map(([start, leaving, arriving, end]) => {
    const parts = within(start, end) ? Math.ceil(gap(start, end) / longest) : 1;
    return Array.from({ length: parts }, (_, k) => {
      const t = (k + 1) / parts; // de Casteljau
      const [p, q, r] = [mix(start, leaving, t), mix(leaving, arriving, t), mix(arriving, end, t)];
      return mix(mix(p, q, t), mix(q, r, t), t);
    });
  });
  return [line[0], ...segments.flat()];
}

function average(line, passes) {
  const inner = (i) => i > 0 && i < line.length - 1;
  for (let pass = 0; pass < passes; pass++)
    line = line.map((point, i) => (inner(i) ? mix(point, mix(line[i - 1], line[i + 1], 0.5), 0.5) : point));
  return line;
}

// Ramer, Douglas and Peucker: drop the points that change nothing.
function thin(line) {
  const [first, last] = [line[0], line.at(-1)];
  let [far, at] = [0, 0];
  line.forEach((point, i) => {
    const away = distance(point, first, last);
    if (away > far) [far, at] = [away, i];
  });
  if (far <= TOLERANCE) return [first, last];
  return [...thin(line.slice(0, at + 1)), ...thin(line.slice(at)).slice(1)];
}

export const smooth = (stroke) => whole(thin(average(trace(points(stroke), STEP), PASSES)));
export const steady = (stroke) => whole(average(points(stroke), 2)); // while it is drawn

// Cuts out what lies within the eraser; a stroke may fall apart.
export function erase(strokes, centre) {
  return strokes.flatMap((stroke) => {
    const line = points(stroke);
    if (line.every((end, i) => distance(centre, line[i - 1] ?? end, end) >= REACH.eraser)) return [stroke];
    const pieces = [[]];
    line.forEach((end, i) => {
      const start = line[i - 1] ?? end;
      const [dx, dy] = [end[0] - start[0], end[1] - start[1]];
      const [fx, fy] = [start[0] - centre[0], start[1] - centre[1]];
      // |start + t (end - start) - centre| = radius: the line enters at the smaller t, leaves at the larger.
      const [a, b, c] = [dx * dx + dy * dy, fx * dx + fy * dy, fx * fx + fy * fy - REACH.eraser ** 2];
      const root = Math.sqrt(b * b - a * c);
      const [enter, leave] = [(-b - root) / a, (-b + root) / a]; // not numbers where they do not meet
      if (enter >= 0 && enter < 1) {
        pieces.at(-1).push(mix(start, end, enter));
        pieces.push([]);
      }
      if (leave > 0 && leave < 1) pieces.at(-1).push(mix(start, end, leave));
      if (gap(end, centre) >= REACH.eraser) pieces.at(-1).push(end);
    });
    return pieces.map(whole).filter((piece) => piece.length >= 4);
  });
}

// Pulls what lies around one point along to another; mirrored, what lies around its reflection too.
export function bend(strokes, from, to, mirror) {
  const pulls = mirror ? [[from, to], [reflect(from), reflect(to)]] : [[from, to]];
  const near = (start, end) => pulls.some(([centre]) => distance(centre, start, end) < REACH.bend);
  return strokes.map((stroke) => {
    const line = points(stroke);
    if (!line.some((end, i) => near(line[i - 1] ?? end, end))) return stroke;
    const bent = trace(line, SUPPLE, near).map((point) => {
      const weights = pulls.map(([centre]) => {
        const away = Math.min(1, gap(point, centre) / REACH.bend);
        return (1 + Math.cos(Math.PI * away)) / 2;
      });
      const total = sum(weights) || 1; // each pull by its share of the two: at the axis they make one
      const shift = (k) => sum(pulls.map(([a, b], i) => (weights[i] ** 2 / total) * (b[k] - a[k])));
      return point.map((value, k) => value + shift(k));
    });
    return whole(thin(bent));
  });
}

// Shifts all strokes as far as the sheet goes; mirrored, those across the axis go the other way.
export function move(strokes, from, to, mirror) {
  const right = (x) => x > SIDE / 2;
  const lines = strokes.map(points);
  const turned = lines.map((line) => mirror && right(sum(line.map(([x]) => x)) / line.length) !== right(from[0]));
  const seen = lines.map((line, i) => (turned[i] ? line.map(reflect) : line));
  const shift = [0, 1].map((k) => {
    const values = seen.flat().map((point) => point[k]);
    return Math.min(SIDE - Math.max(...values), Math.max(-Math.min(...values), to[k] - from[k]));
  });
  return seen.map((line, i) => {
    const moved = line.map(([x, y]) => [x + shift[0], y + shift[1]]);
    return (turned[i] ? moved.map(reflect) : moved).flat();
  });
}

// The curve as path data; a line to itself makes a single point visible as a round dot.
export function curve(stroke) {
  const near = (point) => point.map((value) => value.toFixed(1));
  const parts = beziers(points(stroke)).map(([, p, q, end]) => `C${near(p)} ${near(q)} ${end}`);
  return `M${stroke[0]},${stroke[1]}${parts.join("") || `L${stroke}`}`;
}
