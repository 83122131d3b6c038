// Digit sampler: digits of a chosen label, from one model or from all with the same seed.

import { draw, gallery, sheet } from "./digit.js";
import { network } from "./network.js";
import { noise } from "./noise.js";

const CLASSES = 10;
const PIXELS = 28 * 28;
const FRAMES = 10;

// n rows, each with a share of one label and the rest of another.
function weights(n, from, to, share) {
  const rows = new Float32Array(n * CLASSES);
  for (let i = 0; i < n; i++) {
    rows[i * CLASSES + from] += 1 - share(i);
    rows[i * CLASSES + to] += share(i);
  }
  return { data: rows, dims: [n, CLASSES] };
}

export async function mount(slots, { models }) {
  const judge = await network("judge.onnx");
  const networks = await Promise.all(models.map(async (model) => ({ ...model, run: await network(`${model.name}.onnx`) })));
  let pictures = [];

  // Pictures of one model, and what the judge reads in each.
  async function sample({ run, latent }, { label, count, seed, wild }) {
    const z = { data: noise(count, latent, seed).map((value) => wild * value), dims: [count, latent] };
    const { x } = await run({ z, y: weights(count, Number(label), 0, () => 0) });
    const { p } = await judge({ x: { data: x.data, dims: [count, 1, 28, 28] } });
    const rows = Array.from({ length: count }, (_, i) => [...p.data.slice(i * CLASSES, (i + 1) * CLASSES)]);
    return { x: x.data, read: rows.map((row) => row.indexOf(Math.max(...row))) };
  }

  async function film({ run, latent }, { label, to, seed, wild }) {
    const one = noise(1, latent, seed).map((value) => wild * value);
    const z = Float32Array.from({ length: FRAMES * latent }, (_, i) => one[i % latent]);
    const y = weights(FRAMES, Number(label), Number(to), (i) => i / (FRAMES - 1));
    return (await run({ z: { data: z, dims: [FRAMES, latent] }, y })).x.data;
  }

  const cut = (data, n, alt) =>
    Array.from({ length: n }, (_, i) => draw(data.subarray(i * PIXELS, (i + 1) * PIXELS), 28, alt(i)));

  async function show(values) {
    const { label, count, model, to } = values;
    const [digits, films] = [[], []];
    const drawn = [];
    for (const one of networks.filter(({ name }) => [name, "all"].includes(model))) {
      const { x, read } = await sample(one, values);
      const canvases = cut(x, count, (i) => `digit ${label} by ${one.name}, read as a ${read[i]}`);
      const right = read.filter((r) => r === Number(label)).length;
      const title = Object.assign(document.createElement("p"), { textContent: `${one.name} · the judge reads ${right} of ${count} as a ${label}` });
      const strip = cut(await film(one, values), FRAMES, (i) => `${one.name}: step ${i} from ${label} to ${to}`);
      digits.push(title, gallery(canvases, read.map((r) => (r === Number(label) ? "" : `a ${r}?`))));
      films.push(gallery(strip));
      drawn.push(...canvases);
    }
    pictures = drawn;
    slots.digits.replaceChildren(...digits);
    slots.film.replaceChildren(...films);
  }

  return { show, picture: () => sheet(pictures, 10) };
}
