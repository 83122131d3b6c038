// A photo, cut out: what stands before a smooth background; zoo/cutouts.py once more, for the browser.

import { SIZE, fillHoles, grow, shrink } from "./outline.js";

const PAD = 8; // margin within which shapes grow and shrink
const NOT_FOUND =
  "Nothing can be told from its background: take a photo on a plain, even ground with some room around the thing, " +
  "or cut it out and save it as a transparent PNG.";

const sorted = (values) => Float64Array.from(values).sort();
// The number below which a share of sorted ones lies, between two of them by their distance, as numpy has it.
function quantile(values, share) {
  const place = share * (values.length - 1);
  const low = Math.floor(place);
  return values[low] + (place - low) * (values[Math.min(low + 1, values.length - 1)] - values[low]);
}

// What solves a x = b, by Gauss's elimination; a is a list of rows.
function solved(a, b) {
  const rows = a.map((row, i) => [...row, b[i]]);
  rows.forEach((_, i) => {
    const best = rows.slice(i).reduce((found, row, k) => (Math.abs(row[i]) > Math.abs(rows[found][i]) ? i + k : found), i);
    [rows[i], rows[best]] = [rows[best], rows[i]];
    rows.forEach((row, k) => {
      if (k !== i) rows[k] = row.map((value, column) => value - (row[i] / rows[i][i]) * rows[i][column]);
    });
  });
  return rows.map((row, i) => row.at(-1) / row[i]);
}

// Colours (0 to 1, by channel) and opacity of a file, its longest side at most twice SIZE, upright as its camera says.
async function read(file, { pixels, side }) {
  const image = await createImageBitmap(file, { imageOrientation: "from-image" }).catch(() => {
    throw new Error("The file cannot be read as a picture: choose a PNG, JPEG or WebP.");
  });
  if (image.width * image.height > pixels)
    throw new Error(`The picture has ${image.width} x ${image.height} pixels: choose one of at most ${Math.floor(pixels / 1e6)} million.`);
  const share = Math.min(1, (2 * SIZE) / Math.max(image.width, image.height));
  const [w, h] = [image.width, image.height].map((side) => Math.max(1, Math.round(side * share)));
  if (Math.min(w, h) < side) throw new Error(`The picture is smaller than ${side} pixels: choose a larger one.`);
  const pen = new OffscreenCanvas(w, h).getContext("2d");
  pen.imageSmoothingQuality = "high";
  pen.drawImage(image, 0, 0, w, h);
  const { data } = pen.getImageData(0, 0, w, h);
  const [r, g, b, alpha] = [0, 1, 2, 3].map((k) => Float32Array.from({ length: w * h }, (_, i) => data[4 * i + k] / 255));
  return { w, h, colour: [r, g, b], alpha };
}

// A shape of w x h cells with a margin, changed, without it again.
function padded(shape, w, h, change) {
  const side = w + 2 * PAD;
  const inside = (i) => (Math.floor(i / w) + PAD) * side + (i % w) + PAD;
  const larger = new Uint8Array(side * (h + 2 * PAD));
  shape.forEach((cell, i) => (larger[inside(i)] = cell));
  const changed = change(larger, side);
  return shape.map((_, i) => changed[inside(i)]);
}

// What differs from a smooth background: a quadratic surface in each colour, fitted to the picture's border.
function foreground({ w, h, colour }) {
  const cells = Array.from({ length: w * h }, (_, i) => i);
  const edge = Math.max(2, Math.floor(Math.min(w, h) / 25));
  const far = (i, by) => Math.max(...colour.map((values, k) => Math.abs(values[i] - by(k))));
  const border = cells.filter((i) => Math.min(i % w, w - 1 - (i % w), Math.floor(i / w), h - 1 - Math.floor(i / w)) < edge);
  const ground = colour.map((values) => quantile(sorted(border.map((i) => values[i])), 0.5));
  const kept = border.filter((i) => far(i, (k) => ground[k]) < 0.25); // wings may touch the border
  if (kept.length < 32) return new Uint8Array(w * h);
  const terms = (i) => {
    const [x, y] = [((i % w) / w) * 2 - 1, (Math.floor(i / w) / h) * 2 - 1];
    return [1, x, y, x * y, x ** 2, y ** 2];
  };
  const known = kept.map(terms);
  const sums = (value) => known[0].map((_, a) => known.reduce((sum, term, n) => sum + term[a] * value(term, n), 0));
  const squares = known[0].map((_, b) => sums((term) => term[b]));
  const weights = colour.map((values) => solved(squares, sums((_, n) => values[kept[n]])));
  const distance = Float64Array.from(cells, (i) => {
    const term = terms(i);
    return far(i, (k) => term.reduce((sum, value, a) => sum + value * weights[k][a], 0));
  });
  const least = Math.max(0.09, 1.6 * quantile(sorted(kept.map((i) => distance[i])), 0.98));
  const mirrored = (at, side) => (at < 0 ? -1 - at : at >= side ? 2 * side - 1 - at : at);
  const median = Uint8Array.from(cells, (i) => {
    let count = 0;
    for (let y = -2; y <= 2; y++)
      for (let x = -2; x <= 2; x++)
        count += distance[mirrored(Math.floor(i / w) + y, h) * w + mirrored((i % w) + x, w)] > least;
    return count > 12 ? 1 : 0;
  });
  return padded(median, w, h, (shape, side) => shrink(grow(shape, side, 4), side, 4));
}

// The pieces of a shape that hang together and are not small beside the largest.
function large(shape, side) {
  const piece = new Int32Array(shape.length);
  const areas = [0];
  shape.forEach((cell, start) => {
    if (!cell || piece[start]) return;
    const waiting = [start];
    piece[start] = areas.push(0) - 1;
    while (waiting.length) {
      const i = waiting.pop();
      areas[piece[start]]++;
      for (const j of [i - 1, i + 1, i - side, i + side])
        if (shape[j] && !piece[j]) {
          piece[j] = piece[start];
          waiting.push(j);
        }
    }
  });
  const least = 0.1 * areas.reduce((a, b) => Math.max(a, b));
  return shape.map((_, i) => (areas[piece[i]] > least ? 1 : 0));
}

// A photo's colours (3 channels) and mask, SIZE x SIZE numbers from 0 to 1 each; the longest side fills 92 % of the square.
// Limits: the most pixels, and the least on the shorter side.
export async function cutOut(file, limits) {
  const photo = await read(file, limits);
  const { w, h, colour, alpha } = photo;
  const cells = w * h;
  const clear = alpha.filter((value) => value < 0.5).length > 0.05 * cells;
  const shape = clear ? Uint8Array.from(alpha, (value) => (value > 0.5 ? 1 : 0)) : foreground(photo);
  const found = padded(shape, w, h, (larger, side) => fillHoles(large(larger, side), side));
  const at = [...found.keys()].filter((i) => found[i]);
  const [columns, rows] = [at.map((i) => i % w), at.map((i) => Math.floor(i / w))];
  const rim = [0, w - 1].map((end) => columns.filter((x) => x === end).length).concat([0, h - 1].map((end) => rows.filter((y) => y === end).length));
  const share = at.length / cells;
  const unsure = !(share > 0.04 && share < 0.9) || rim.reduce((a, b) => a + b) > 0.25 * 2 * (w + h);
  if (!at.length || (!clear && unsure)) throw new Error(NOT_FOUND);
  const range = (values) => values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value + 1)], [Infinity, 0]);
  const boxes = [range(columns), range(rows)];
  const scale = (0.92 * SIZE) / Math.max(...boxes.map(([low, high]) => high - low));
  const [left, top] = boxes.map(([low, high]) => (low + high) / 2 - SIZE / 2 / scale);
  // As Pillow's Image.transform: between four pixels, nothing beyond the picture.
  const placed = (channel) =>
    Float32Array.from({ length: SIZE * SIZE }, (_, i) => {
      const [x, y] = [((i % SIZE) + 0.5) / scale + left, (Math.floor(i / SIZE) + 0.5) / scale + top];
      if (x < 0 || y < 0 || x >= w || y >= h) return 0;
      const [column, row] = [Math.floor(x - 0.5), Math.floor(y - 0.5)];
      const value = (dx, dy) => channel[Math.min(h - 1, Math.max(0, row + dy)) * w + Math.min(w - 1, Math.max(0, column + dx))];
      const between = (a, b, t) => a + t * (b - a);
      const across = (dy) => between(value(0, dy), value(1, dy), x - 0.5 - column);
      return between(across(0), across(1), y - 0.5 - row);
    });
  return { colour: colour.map(placed), mask: placed(found).map((value) => (value > 0.5 ? 1 : 0)) };
}
