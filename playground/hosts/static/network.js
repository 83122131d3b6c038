// Networks of this folder's `models/`: ONNX graphs run by onnxruntime-web; and the tensors beside them.

import * as ort from "./ort/ort.wasm.min.mjs";
import { fetched } from "./tensors.js";

export { tensors } from "./tensors.js";

ort.env.wasm.wasmPaths = new URL("./ort/", import.meta.url).href;
ort.env.wasm.numThreads = globalThis.crossOriginIsolated ? Math.min(4, navigator.hardwareConcurrency) : 1;

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
