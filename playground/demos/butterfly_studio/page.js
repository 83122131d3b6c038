// Butterfly studio: draw an outline, and see it wear another species' pattern.

import { network, tensors } from "./network.js";
import { noise } from "./noise.js";
import { SIZE, enclose, lines, mirrored, rasterise } from "./outline.js";

const MARGIN = SIZE / 16; // of a half beyond the middle line
const HALF = SIZE / 2 + MARGIN;

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

// Halves (4 channels of SIZE x HALF each) as one picture, blended over the margins; what lies outside does not show.
function join(right, left, silhouette) {
  const image = new ImageData(SIZE, SIZE);
  for (let row = 0; row < SIZE; row++)
    for (let column = 0; column < SIZE; column++) {
      const share = Math.min(1, Math.max(0, (column - (SIZE / 2 - MARGIN) + 0.5) / (2 * MARGIN)));
      const [r, l] = [column - (SIZE / 2 - MARGIN), SIZE / 2 + MARGIN - 1 - column];
      for (let channel = 0; channel < 4; channel++) {
        const at = channel * SIZE * HALF + row * HALF;
        const value = (share > 0 ? share * right[at + r] : 0) + (share < 1 ? (1 - share) * left[at + l] : 0);
        image.data[4 * (row * SIZE + column) + channel] = Math.round(255 * value);
      }
      if (!near(silhouette, row, column)) image.data[4 * (row * SIZE + column) + 3] = 0;
    }
  return image;
}

function near(silhouette, row, column) {
  for (let y = Math.max(0, row - 1); y <= Math.min(SIZE - 1, row + 1); y++)
    for (let x = Math.max(0, column - 1); x <= Math.min(SIZE - 1, column + 1); x++) if (silhouette[y * SIZE + x] > 0.5) return true;
  return false;
}

export async function mount(slots, { fields, hindwing, starters, shape }) {
  const [painter, space] = await Promise.all([network("painter.onnx"), tensors("extras.safetensors")]);
  const cells = shape.reduce((a, b) => a * b);
  const names = Object.keys(fields.texture.options);
  const canvas = Object.assign(document.createElement("canvas"), { width: SIZE, height: SIZE, className: "picture" });
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", "your butterfly");
  slots.butterfly.replaceChildren(canvas);
  let drawn = null;

  const kind = (name) => space.gallery.data.subarray(names.indexOf(name) * cells, (names.indexOf(name) + 1) * cells);

  // z moved along principal directions, by so many standard deviations each.
  const moved = (z, steps) =>
    z.map((value, i) => steps.reduce((sum, s, k) => sum + s * space.spread.data[k] * space.components.data[k * cells + i], value));

  function latent({ source, texture, second, mix, blend, seed, sliders }) {
    const a = source === "random" ? moved(space.centre.data, [...noise(1, space.spread.dims[0], seed)]) : kind(texture);
    const b = kind(second);
    const columns = shape.at(-1);
    const share = (i) => {
      if (mix === "blend") return blend / 100;
      return (blend / 100) * Math.min(1, Math.max(0, ((i % columns) + 0.5) - hindwing * columns + 0.5));
    };
    return moved(a.map((value, i) => value + share(i) * (b[i] - value)), sliders);
  }

  async function show(values) {
    const { drawing, mirror } = values;
    const symmetric = mirror === "yes";
    const key = JSON.stringify([drawing, mirror]);
    if (drawn?.key !== key) {
      const whole = lines(symmetric ? mirrored(drawing) : drawing);
      drawn = { key, strokes: rasterise(whole), silhouette: enclose(whole) };
    }
    const { strokes, silhouette } = drawn;
    const pen = canvas.getContext("2d");
    if (!silhouette.some((cell) => cell)) pen.clearRect(0, 0, SIZE, SIZE);
    else {
      const sides = symmetric ? [false] : [false, true];
      const z = { data: Float32Array.from(latent(values)), dims: [1, ...shape] };
      const [right, left] = await Promise.all(sides.map((side) => {
        const cut = (picture) => ({ data: half(picture, side), dims: [1, 1, SIZE, HALF] });
        return painter({ z, strokes: cut(strokes), silhouette: cut(silhouette) }).then(({ painted }) => painted.data);
      }));
      pen.putImageData(join(right, left ?? right, silhouette), 0, 0);
    }
  }

  const buttons = {
    starter: {
      press: (_, name) => ({ drawing: starters[name], mirror: "yes" }),
      options: () => Object.fromEntries(Object.keys(starters).map((name) => [name, name])),
    },
  };
  return { show, picture: () => canvas, buttons };
}
