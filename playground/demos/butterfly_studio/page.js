// Butterfly studio: draw an outline, and see it wear another species' pattern.

import { permutation } from "./chance.js";
import { path, rings, spread, svg } from "./contour.js";
import { draw, gallery } from "./digit.js";
import { element } from "./element.js";
import { PAD, alongBody, ends, figures, kindOf, onPad, placement, settled, upright } from "./figures.js";
import { network, tensors } from "./network.js";
import { noise } from "./noise.js";
import { cutOut } from "./photo.js";
import { SIZE, enclose, lines, mirrored, rasterise } from "./outline.js";

const MARGIN = SIZE / 16; // of a half beyond the middle line
const HALF = SIZE / 2 + MARGIN;
const [LARGE, SMALL] = [4, 2]; // pixels of a canvas for each of the picture's, so that its edge is sharp on a dense display

// The right half of a picture, or the left one mirrored, each with a margin: SIZE rows of HALF.
function half(picture, left) {
  const cut = new Float32Array(SIZE * HALF);
  for (let row = 0; row < SIZE; row++)
    for (let x = 0; x < HALF; x++) {
      const column = SIZE / 2 - MARGIN + x;
      cut[row * HALF + x] = picture[row * SIZE + (left ? SIZE - 1 - column : column)];
    }
  return cut;
}

// A place in a picture of side x side, out of its halves with their margins, blended over them.
function joined(right, left, side, row, column) {
  const margin = side / 16;
  const at = row * (side / 2 + margin);
  const share = Math.min(1, Math.max(0, (column - (side / 2 - margin) + 0.5) / (2 * margin)));
  const [r, l] = [column - (side / 2 - margin), side / 2 + margin - 1 - column];
  return (share > 0 ? share * right[at + r] : 0) + (share < 1 ? (1 - share) * left[at + l] : 0);
}

// Halves (4 channels of SIZE x HALF each) as one picture; what lies outside does not show.
function join(right, left, silhouette) {
  const image = new ImageData(SIZE, SIZE);
  const channels = [right, left].map((half) => [0, 1, 2, 3].map((k) => half.subarray(k * SIZE * HALF, (k + 1) * SIZE * HALF)));
  for (let row = 0; row < SIZE; row++)
    for (let column = 0; column < SIZE; column++) {
      const at = 4 * (row * SIZE + column);
      for (let k = 0; k < 4; k++) image.data[at + k] = Math.round(255 * joined(channels[0][k], channels[1][k], SIZE, row, column));
      if (!near(silhouette, row, column)) image.data[at + 3] = 0;
    }
  return image;
}

// A half outline of side x 9 / 16 side, 0 to 255, whole and enlarged: `large` x `large` numbers from 0 to 1.
function enlarged(half, side, large) {
  const place = (i) => Math.max(0, ((i + 0.5) * side) / large - 0.5);
  const value = (row, column) => joined(half, half, side, Math.min(row, side - 1), Math.min(column, side - 1));
  return Float32Array.from({ length: large * large }, (_, i) => {
    const [y, x] = [place(Math.floor(i / large)), place(i % large)];
    const [row, column] = [Math.floor(y), Math.floor(x)];
    const across = (dy) => value(row + dy, column) + (x - column) * (value(row + dy, column + 1) - value(row + dy, column));
    return (across(0) + (y - row) * (across(1) - across(0))) / 255;
  });
}

function near(silhouette, row, column) {
  for (let y = Math.max(0, row - 1); y <= Math.min(SIZE - 1, row + 1); y++)
    for (let x = Math.max(0, column - 1); x <= Math.min(SIZE - 1, column + 1); x++) if (silhouette[y * SIZE + x] > 0.5) return true;
  return false;
}

// The points of the pad inside a silhouette.
const inside = (outline) => [...outline.keys()].filter((i) => outline[i]).map((i) => [i % SIZE, Math.floor(i / SIZE)]);

// Which figure an axis is meant for: the one that its middle lies in or else is nearest to.
function owner([x0, y0, x1, y1], found) {
  const [x, y] = [(x0 + x1) / 2, (y0 + y1) / 2];
  const away = found.map(({ points }) => points.reduce((least, [px, py]) => Math.min(least, (px - x) ** 2 + (py - y) ** 2), Infinity));
  return away.indexOf(Math.min(...away));
}

// Draws a figure's own picture where it lies on the pad; with `outline` nothing shows beyond that.
function lay(canvas, image, { angle, scale, x, y }, outline = null) {
  const own = new OffscreenCanvas(SIZE, SIZE);
  own.getContext("2d").putImageData(image, 0, 0);
  const pen = canvas.getContext("2d");
  const [cos, sin] = [Math.cos(angle) * scale, Math.sin(angle) * scale];
  pen.save();
  pen.scale(canvas.width / SIZE, canvas.height / SIZE);
  pen.transform(cos, sin, -sin, cos, x + 0.5, y + 0.5);
  pen.translate(-SIZE / 2, -SIZE / 2);
  if (outline) pen.clip(new Path2D(path(outline)), "evenodd");
  pen.imageSmoothingQuality = "high";
  pen.drawImage(own, 0, 0);
  pen.restore();
}

// A canvas of SIZE x SIZE, or so many times as large.
function paper(label, times = 1) {
  const canvas = element("canvas", { width: times * SIZE, height: times * SIZE, className: "picture", ariaLabel: label });
  canvas.setAttribute("role", "img");
  return canvas;
}

export async function mount(slots, { fields, hindwing, starters, shape, guesses, asked, limits }) {
  const [painter, finder, bodies, space] = await Promise.all([
    network("painter.onnx"), network("axis.onnx"), network("body.onnx"), tensors("extras.safetensors"),
  ]);
  const cells = shape.reduce((a, b) => a * b);
  const titles = fields.texture.options;
  const names = Object.keys(titles);
  const canvas = paper("your butterfly", LARGE);
  slots.butterfly.replaceChildren(canvas);
  let drawn = null;
  let encoder = null; // loaded for the first photo
  let photo = null; // the last one
  let forgotten = null; // loaded once it is asked for

  const kind = (name) => space.gallery.data.subarray(names.indexOf(name) * cells, (names.indexOf(name) + 1) * cells);

  // z moved along principal directions, by so many standard deviations each.
  const moved = (z, steps) =>
    z.map((value, i) => steps.reduce((sum, s, k) => sum + s * space.spread.data[k] * space.components.data[k * cells + i], value));

  // What the encoder makes of a photo: z, and the cut-out that it saw.
  async function encode(file) {
    const { colour, mask } = await cutOut(file, limits);
    encoder ??= network("encoder.onnx");
    const picture = { data: Float32Array.from({ length: 3 * SIZE ** 2 }, (_, i) => {
      const [k, at] = [Math.floor(i / SIZE ** 2), i % SIZE ** 2];
      return mask[at] ? colour[k][at] : 1;
    }), dims: [1, 3, SIZE, SIZE] };
    const { mean, logvar } = await (await encoder)({ picture, silhouette: { data: mask, dims: [1, 1, SIZE, SIZE] } });
    const chance = noise(1, cells, 0);
    const seen = paper("the photo as the encoder sees it");
    const image = new ImageData(SIZE, SIZE);
    mask.forEach((value, i) => image.data.set([...colour.map((values) => Math.round(255 * values[i])), 255 * value], 4 * i));
    seen.getContext("2d").putImageData(image, 0, 0);
    return { z: mean.data.map((value, i) => value + Math.exp(0.5 * logvar.data[i]) * chance[i]), seen: gallery([seen], ["cut out"], 1, 160) };
  }

  // The pattern before it is mixed and moved, and what is to be said of a photo.
  async function chosen({ source, texture, seed, photo: file }) {
    if (source === "random") return { z: moved(space.centre.data, [...noise(1, space.spread.dims[0], seed)]) };
    if (source === "species") return { z: kind(texture) };
    if (!file) return { z: kind(texture), seen: element("p", { className: "quiet", textContent: `Until there is a photo: ${titles[texture]}.` }) };
    const key = [file.name, file.size, file.lastModified].join("/");
    if (photo?.key !== key)
      photo = await encode(file).then(
        (found) => ({ key, ...found }),
        ({ message }) => ({ key, seen: element("p", { role: "alert", textContent: message }) }),
      );
    return { seen: photo.seen, z: photo.z ?? kind(texture) };
  }

  function changed(a, { second, mix, blend, sliders }) {
    const b = kind(second);
    const columns = shape.at(-1);
    const share = (i) => {
      if (mix === "blend") return blend / 100;
      return (blend / 100) * Math.min(1, Math.max(0, ((i % columns) + 0.5) - hindwing * columns + 0.5));
    };
    return moved(a.map((value, i) => value + share(i) * (b[i] - value)), sliders);
  }

  // Paints a pattern into a figure: a picture of its own.
  async function painted(z, { strokes, silhouette, sides }) {
    const [right, left] = await Promise.all(sides.map((side) => {
      const cut = (picture) => ({ data: half(picture, side), dims: [1, 1, SIZE, HALF] });
      return painter({ z: { data: Float32Array.from(z), dims: [1, ...shape] }, strokes: cut(strokes), silhouette: cut(silhouette) }).then(({ painted }) => painted.data);
    }));
    return join(right, left ?? right, silhouette);
  }

  // Paints the body that goes with a figure's own picture.
  async function body(image, { silhouette, whole }) {
    if (!whole) return null;
    const { data } = image;
    const picture = Float32Array.from({ length: 3 * SIZE ** 2 }, (_, i) => {
      const at = 4 * (i % SIZE ** 2);
      return 1 - (data[at + 3] / 255) * (1 - data[at + Math.floor(i / SIZE ** 2)] / 255);
    });
    const given = { picture: { data: picture, dims: [1, 3, SIZE, SIZE] }, silhouette: { data: silhouette, dims: [1, 1, SIZE, SIZE] } };
    const { layer } = await bodies(given);
    return new ImageData(Uint8ClampedArray.from({ length: 4 * SIZE ** 2 }, (_, i) => 255 * layer.data[(i % 4) * SIZE ** 2 + (i >> 2)]), SIZE, SIZE);
  }

  // Paints figures, each in its pattern, on a canvas, cut along their outlines.
  async function paint(canvas, patterns, found, bodied) {
    const own = await Promise.all(found.map((figure, i) => painted(patterns[i] ?? patterns[0], figure)));
    const layers = bodied ? await Promise.all(own.map((image, i) => body(image, found[i]))) : [];
    canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height);
    found.forEach(({ placed, outline }, i) => lay(canvas, spread(own[i]), placed, outline));
    layers.forEach((layer, i) => layer && lay(canvas, layer, found[i].placed));
  }

  // The figures of a drawing whose axis is the pad's middle line, or each with an axis of its own.
  async function look(strokes, mirror, axes) {
    const given = lines(mirror ? mirrored(strokes) : strokes);
    if (mirror) {
      const silhouette = enclose(given);
      if (!silhouette.some((cell) => cell)) return [];
      return [{ placed: PAD, strokes: rasterise(given), silhouette, outline: rings(silhouette), sides: [false], axis: [], whole: true }];
    }
    const parts = figures(given).map((numbers) => numbers.map((i) => given[i])).map((part) => ({ part, outline: enclose(part) }));
    const found = parts.filter(({ outline }) => outline.some((cell) => cell)).map((each) => ({ ...each, points: inside(each.outline) }));
    const known = new Map(axes.map((axis) => [owner(axis, found), axis]));
    return Promise.all(found.map(async ({ part, outline, points }, i) => {
      const set = known.get(i);
      let axis = null;
      if (set) {
        axis = { x: set[0], y: set[1], angle: Math.atan2(set[0] - set[2], set[3] - set[1]) };
        axis.kind = kindOf(points, axis);
      } else {
        const { kind, x, y, angle } = await finder({ silhouette: { data: outline, dims: [1, 1, SIZE, SIZE] } });
        axis = { kind: Number(kind.data[0]), x: x.data[0] - 0.5, y: y.data[0] - 0.5, angle: angle.data[0] };
        if (!axis.kind) axis = alongBody(part, Math.sqrt(points.length), axis);
      }
      const placed = placement(points, axis);
      const kept = set || axis.kind ? placed : settled(placed);
      const turned = part.map((line) => line.map((point) => upright(kept, point)));
      const silhouette = enclose(turned);
      return {
        placed: kept, strokes: rasterise(turned), silhouette, outline: rings(silhouette), sides: [false, true], whole: !axis.kind,
        axis: [...ends(points, axis).map((end) => Math.min(255, Math.max(0, Math.round(end)))), set ? 1 : 0],
      };
    }));
  }

  // Sixteen kinds of different species, by chance.
  function sixteen(seed) {
    const species = new Map();
    for (const i of permutation(names.length, seed)) {
      const [name] = names[i].split("|");
      if (!species.has(name)) species.set(name, names[i]);
    }
    return [...species.values()].slice(0, 16);
  }

  // The sixteen in the drawing, one by one; each is pressed to be worn.
  async function wardrobe({ seed, body: bodied }, stale) {
    const kinds = sixteen(seed);
    const canvases = kinds.map((name) => paper(titles[name], SMALL));
    const grid = gallery(canvases.map((canvas, i) => {
      const button = element("button", { type: "button" });
      button.dataset.option = kinds[i];
      button.append(canvas, titles[kinds[i]]);
      return button;
    }), [], 4, 180);
    const before = slots.sixteen.querySelectorAll("canvas");
    canvases.forEach((canvas, i) => before[i] && canvas.getContext("2d").drawImage(before[i], 0, 0)); // until the new one is there
    slots.sixteen.replaceChildren(grid);
    slots.sixteen.setAttribute("aria-busy", "false");
    for (const [i, name] of kinds.entries()) {
      if (stale()) return;
      await paint(canvases[i], [kind(name)], drawn.found, bodied === "yes");
    }
  }

  // The outlines that can and cannot be read off a species' z.
  async function outlines(name) {
    forgotten ??= tensors("forgotten.safetensors");
    const known = await forgotten;
    const at = new TextDecoder().decode(known.names.data).split("\n").indexOf(name);
    if (at < 0) return [element("p", { className: "quiet", textContent: "Nothing is kept about this species." })];
    const pictures = Object.entries(guesses).map(([key, told]) => {
      const [, side, width] = known[key].dims;
      return draw(enlarged(known[key].data.subarray(at * side * width, (at + 1) * side * width), side, 128), 128, `outline: ${told}`);
    });
    const said = element("p", { className: "quiet", innerHTML: asked });
    said.prepend(`${titles[name]}: `);
    return [gallery(pictures, Object.values(guesses), 4, 160), said];
  }

  async function show(values, stale) {
    const { drawing, mirror, axes, each, seed, body: bodied } = values;
    const key = JSON.stringify([drawing, mirror, axes]);
    if (drawn?.key !== key) drawn = { key, found: await look(drawing, mirror === "yes", axes) };
    const { found } = drawn;
    const { z, seen } = await chosen(values);
    const others = each === "yes" ? sixteen(seed).slice(0, Math.max(0, found.length - 1)).map(kind) : [];
    await paint(canvas, [changed(z, values), ...others], found, bodied === "yes");
    canvas.ariaLabel = found.length < 2 ? "your butterfly" : `your ${found.length} butterflies`;
    slots.butterfly.setAttribute("aria-busy", "false");
    slots.seen.replaceChildren(...(seen ? [seen] : []));
    slots.forgotten.replaceChildren(...(values.forgotten === "yes" ? await outlines(values.texture) : []));
    if (values.sixteen === "yes") return () => wardrobe(values, stale);
    slots.sixteen.replaceChildren();
  }

  const buttons = {
    starter: {
      press: (_, name) => ({ drawing: starters[name], mirror: "yes", axes: [] }),
      options: () => Object.fromEntries(Object.keys(starters).map((name) => [name, name])),
    },
    wear: { press: (_, name) => ({ source: "species", texture: name }) },
  };
  // The outlines on the pad, in its pixels.
  const outlined = () =>
    (drawn?.found ?? []).flatMap(({ placed, outline }) =>
      outline.map((ring) => ring.map(([x, y]) => onPad(placed, [x - 0.5, y - 0.5]).map((value) => value + 0.5))),
    );
  const handles = () => (drawn?.found ?? []).map(({ axis }) => axis).filter(({ length }) => length);
  return { show, picture: () => canvas, clear: true, exports: { svg: () => svg(outlined()) }, buttons, handles };
}
