// Tensors of this folder's `models/`: safetensors files, read without any runtime.

export async function fetched(file) {
  const answer = await fetch(new URL(`./models/${file}`, import.meta.url));
  if (!answer.ok) throw new Error(`${file} cannot be loaded (${answer.status}): reload the page, or build the folder again`);
  return answer.arrayBuffer();
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
  I32: (buffer) => new Int32Array(buffer),
  I16: (buffer) => new Int16Array(buffer),
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
