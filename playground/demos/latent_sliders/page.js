// Latent sliders: walk through a VAE's latent space along the directions in which digits differ most.

import { draw, gallery, sheet } from "./digit.js";
import { network, tensors } from "./network.js";
import { noise } from "./noise.js";

const PEN = 2.3; // pixels of the digit, as playground/drawing.py has it
const FRAMES = 12;

// A drawing as MNIST's makers had it: longest side 20 pixels, centre of mass in the middle; 784 numbers from 0 to 1.
export function digit(strokes) {
  const zoom = 8;
  const side = 28 * zoom;
  const paper = Object.assign(document.createElement("canvas"), { width: side, height: side });
  const pen = paper.getContext("2d", { willReadFrequently: true });
  const xy = [0, 1].map((k) => strokes.flat().filter((_, i) => i % 2 === k));
  const [low, high] = [Math.min, Math.max].map((f) => xy.map((values) => f(...values)));
  const scale = ((20 - PEN) * zoom) / Math.max(high[0] - low[0], high[1] - low[1], 40); // a dot stays a dot
  pen.lineWidth = PEN * zoom;
  pen.lineCap = pen.lineJoin = "round";
  for (const stroke of strokes) {
    pen.beginPath();
    for (let i = 0; i < stroke.length; i += 2) {
      const place = [0, 1].map((k) => (stroke[i + k] - (low[k] + high[k]) / 2) * scale + side / 2);
      if (i === 0) pen.moveTo(...place);
      pen.lineTo(...place);
    }
    pen.stroke();
  }
  const alpha = pen.getImageData(0, 0, side, side).data.filter((_, i) => i % 4 === 3);
  const total = alpha.reduce((sum, a) => sum + a, 0);
  const mass = [(i) => i % side, (i) => Math.floor(i / side)].map((of) => alpha.reduce((sum, a, i) => sum + a * of(i), 0) / total);
  const [dx, dy] = mass.map((middle) => Math.round(side / 2 - 0.5 - middle));
  const x = new Float32Array(28 * 28);
  alpha.forEach((a, i) => {
    const [column, row] = [(i % side) + dx, Math.floor(i / side) + dy];
    if (column >= 0 && row >= 0 && column < side && row < side)
      x[Math.floor(row / zoom) * 28 + Math.floor(column / zoom)] += a / 255 / zoom ** 2;
  });
  return x;
}

export async function mount(slots, { models, latent }) {
  const spaces = await Promise.all(
    models.map(async ({ name }) => ({
      name,
      decode: await network(`${name}.decode.onnx`),
      encode: await network(`${name}.encode.onnx`),
      ...(await tensors(`${name}.extras.safetensors`)),
    })),
  );
  let pictures = [];

  const row = ({ data }, i) => data.subarray(i * latent, (i + 1) * latent);

  async function begin(space, { start, seed, digit: number, drawing }) {
    if (start === "point") return noise(1, latent, seed);
    if (start === "drawing" && drawing.length)
      return (await space.encode({ x: { data: digit(drawing), dims: [1, 1, 28, 28] } })).mean.data;
    return row(space.mean, number);
  }

  const move = ({ spread, components }, z, sliders) =>
    z.map((value, i) => sliders.reduce((sum, s, k) => sum + s * spread.data[k] * components.data[k * latent + i], value));

  async function decode(space, codes) {
    const { x } = await space.decode({ z: { data: Float32Array.from(codes.flatMap((z) => [...z])), dims: [codes.length, latent] } });
    return codes.map((_, i) => x.data.subarray(i * 784, (i + 1) * 784));
  }

  async function show(values) {
    const parts = [];
    const now = [];
    for (const space of spaces) {
      const z = move(space, await begin(space, values), values.sliders);
      const [x] = await decode(space, [z]);
      now.push(draw(x, 28, `the digit as ${space.name} draws it`));
      if (space.name !== values.along) continue;
      const end = row(space.mean, values.to);
      const line = Array.from({ length: FRAMES }, (_, i) => z.map((value, k) => value + (i / (FRAMES - 1)) * (end[k] - value)));
      const frames = (await decode(space, line)).map((frame, i) => draw(frame, 28, `morph, step ${i}`));
      parts.push(Object.assign(document.createElement("p"), { className: "quiet", textContent: `${space.name}: on to test digit ${values.to}, a ${space.label.data[values.to]}` }), gallery(frames, [], FRAMES));
    }
    pictures = now;
    const pair = gallery(now, spaces.map(({ name }) => name));
    pair.className = "pair";
    slots.decoded.replaceChildren(pair);
    slots.film.replaceChildren(...parts);
    slots.about.replaceChildren();
    if (values.start === "drawing" && !values.drawing.length)
      slots.about.append(Object.assign(document.createElement("p"), { className: "quiet", textContent: `Nothing is drawn yet: until then it is test digit ${values.digit}.` }));
  }

  return { show, picture: () => sheet(pictures, pictures.length) };
}
