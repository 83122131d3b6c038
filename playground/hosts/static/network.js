// Networks and tensors of this folder's `models/`: ONNX graphs run by onnxruntime-web, safetensors read here.

import * as ort from "./ort/ort.wasm.min.mjs";

ort.env.wasm.wasmPaths = new URL("./ort/", import.meta.url).href;
ort.env.wasm.numThreads = globalThis.crossOriginIsolated ? Math.min(4, navigator.hardwareConcurrency) : 1;

async function fetched(file) {
  const answer = await fetch(new URL(`./models/${file}`, import.meta.url));
  if (!answer.ok) throw new Error(`${file} cannot be loaded (${answer.status}): reload the page, or build the folder again`);
  return answer.arrayBuffer();
}

// A function from {name: {data, dims}} to {name: {data, dims}}: one of 32-bit floats, whole numbers as BigInt64Array.
export async function network(file) {
  const session = await ort.InferenceSession.create(await fetched(file), { executionProviders: ["wasm"] });
  let last = Promise.resolve();
  return (inputs) => {
    const given = Object.fromEntries(
      Object.entries(inputs).map(([name, { data, dims }]) => [
        name,
        new ort.Tensor(data instanceof BigInt64Array ? "int64" : "float32", data, dims),
      ]),
    );
    last = last.catch(() => {}).then(() => session.run(given)); // a session takes one at a time
    return last;
  };
}

const half = (bits) => {
  const [sign, exponent, fraction] = [bits & 0x8000 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -14 * (fraction / 1024));
};
const HALVES = Float32Array.from({ length: 65536 }, (_, bits) => half(bits));
const READ = {
  F32: (buffer) => new Float32Array(buffer),
  F16: (buffer) => Float32Array.from(new Uint16Array(buffer), (bits) => HALVES[bits]),
  I64: (buffer) => Float64Array.from(new BigInt64Array(buffer), Number),
  U8: (buffer) => new Uint8Array(buffer),
};

// The tensors of a safetensors file: {name: {data, dims}}.
export async function tensors(file) {
  const buffer = await fetched(file);
  const start = 8 + Number(new DataView(buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, start - 8)));
  delete header.__metadata__;
  return Object.fromEntries(
    Object.entries(header).map(([name, { dtype, shape, data_offsets: [from, to] }]) => [
      name,
      { data: READ[dtype](buffer.slice(start + from, start + to)), dims: shape },
    ]),
  );
}
