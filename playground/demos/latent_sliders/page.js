// Latent sliders: walk through a VAE's latent space along the directions in which digits differ most.

import { cloud } from "./cloud.js";
import { draw, gallery, moving, sheet } from "./digit.js";
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

export async function mount(slots, { models, latent, mapped, reach, colors, fields }, change) {
  const spaces = await Promise.all(
    models.map(async ({ name, short }) => ({
      name,
      short,
      decode: await network(`${name}.decode.onnx`),
      encode: await network(`${name}.encode.onnx`),
      ...(await tensors(`${name}.extras.safetensors`)),
    })),
  );
  let pictures = [];
  const map = cloud(colors, (digit) => change("digit", digit));
  const row = ({ data }, i) => data.subarray(i * latent, (i + 1) * latent);

  async function begin(space, { start, seed, digit: number, drawing }) {
    if (start === "point") return noise(1, latent, seed);
    if (start === "digit") return row(space.mean, number);
    if (!drawing.length) return space.centre.data;
    return (await space.encode({ x: { data: digit(drawing), dims: [1, 1, 28, 28] } })).mean.data;
  }

  const move = ({ spread, components }, z, sliders) =>
    z.map((value, i) => sliders.reduce((sum, s, k) => sum + s * spread.data[k] * components.data[k * latent + i], value));

  async function decode(space, codes) {
    const { x } = await space.decode({ z: { data: Float32Array.from(codes.flatMap((z) => [...z])), dims: [codes.length, latent] } });
    return codes.map((_, i) => x.data.subarray(i * 784, (i + 1) * 784));
  }

  // What each slider does to the mean digit: small pictures at its ends.
  const sliders = [...document.querySelectorAll("[data-field='sliders'] input")];
  sliders.forEach((input) => {
    const ends = Object.assign(document.createElement("div"), { className: "ends" });
    input.replaceWith(ends);
    ends.append(input);
  });
  let along = null;
  async function directions(name) {
    if (along === name) return;
    along = name;
    const space = spaces.find((one) => one.name === name);
    const codes = sliders.flatMap((_, i) => [-reach, reach].map((s) => move(space, space.centre.data, sliders.map((_, k) => (k === i ? s : 0)))));
    const ends = await decode(space, codes);
    sliders.forEach((input, i) => {
      const [low, high] = ["low", "high"].map((side, k) => draw(ends[2 * i + k], 28, `${fields.sliders.label} ${i + 1}: its ${side} end`));
      input.parentElement.replaceChildren(low, input, high);
    });
  }

  async function show(values) {
    const { start, drawing } = values;
    const drawn = start === "drawing" && drawing.length > 0;
    const [now, films] = [[], []];
    for (const space of spaces) {
      const z = move(space, await begin(space, values), values.sliders);
      const end = row(space.mean, values.to);
      const line = Array.from({ length: FRAMES }, (_, i) => z.map((value, k) => value + (i / (FRAMES - 1)) * (end[k] - value)));
      const [x, ...frames] = await decode(space, [z, ...line]);
      now.push(draw(x, 28, `the digit as ${space.name} draws it`));
      films.push(moving(frames, 28, `${space.name}: from one digit to the other`));
    }
    pictures = now;
    const shown = drawn ? [...now, draw(digit(drawing), 28, "your drawing as the models see it")] : now;
    const captions = [...spaces.map(({ short }) => short), "your drawing"];
    slots.decoded.replaceChildren(gallery(shown, captions, start === "drawing" ? 3 : 2, 220)); // the same before the first stroke and after it
    const about = {
      digit: `${mapped.toLocaleString("en")} encoded test digits (t-SNE): start from any of them by its number.`,
      drawing: drawn ? "" : "The mean digit is shown, until you draw one on the pad.",
    }[start];
    slots.about.replaceChildren(...(about ? [Object.assign(document.createElement("p"), { className: "quiet", textContent: about })] : []));
    slots.map.replaceChildren(...(start === "digit" ? [map.canvas] : []));
    const { map: points, label } = spaces.find(({ name }) => name === values.along);
    map.show(points.data, label.data, values.digit);
    const pair = document.createElement("div");
    pair.className = "pair";
    pair.append(...films);
    slots.film.replaceChildren(pair);
    await directions(values.along);
  }

  return { show, picture: () => sheet(pictures, pictures.length) };
}
