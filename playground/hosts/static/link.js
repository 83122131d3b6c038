// What a page's controls may hold, and how a link writes it: the same keys and texts as the app's links.
//
// A field is {kind, default, ...}: "choice" or "switch" (options: {value: title}), "number" (low, high, step), "numbers"
// (length, low, high), "text" (most), "drawing", "lines", "file" or "sound" (types, most). One that is unlinked is in no link.
// `missing` is what a link without it means, where that is not the default.

const MAX_VALUE = 12_000; // characters of one value
const MAX_STROKES = 64;
const MAX_POINTS = 2000;

const READ = {
  choice({ options }, text) {
    if (!Object.hasOwn(options, text)) throw new Error("one of its options");
    return text;
  },
  switch: (field, text) => READ.choice(field, text),
  number({ low, high, step }, text) {
    const value = Number(text);
    const whole = Number.isInteger(step);
    if (!text.trim() || !(value >= low && value <= high) || (whole && !Number.isInteger(value)))
      throw new Error(`a ${whole ? "whole " : ""}number from ${low} to ${high}`);
    return value;
  },
  numbers({ length, low, high }, text) {
    const values = text ? text.split("_").map((part) => (part.trim() ? Number(part) : NaN)) : [];
    if (values.length > length || !values.every((value) => value >= low && value <= high))
      throw new Error(`at most ${length} numbers from ${low} to ${high}, separated by '_'`);
    return [...values, ...Array(length - values.length).fill(0)];
  },
  text({ most }, given) {
    const text = given.replaceAll("\ufeff", "").replace(/\r\n?|[\x85\u2028\u2029]/g, "\n"); // as zoo/texts.py has it
    if (text.length > most) throw new Error(`a text of at most ${most} characters`);
    return text;
  },
  drawing: (_, text) => unpack(text),
  async lines(_, text) {
    const found = await unpack(text);
    if (found.some((line) => line.length !== 4)) throw new Error("lines set on the pad");
    return found;
  },
};

const WRITE = {
  numbers: (values) => values.slice(0, values.findLastIndex((value) => value) + 1).join("_"),
  drawing: (strokes) => pack(strokes),
  lines: (strokes) => pack(strokes),
};

async function through(bytes, stream) {
  return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());
}

async function pack(strokes) {
  if (!strokes.length) return "";
  const bytes = strokes.flatMap((stroke) => [stroke.length >> 8, stroke.length & 255, ...stroke]);
  const packed = await through(Uint8Array.from(bytes), new CompressionStream("deflate"));
  return btoa(String.fromCharCode(...packed)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

async function unpack(text) {
  const strokes = [];
  try {
    const packed = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = await through(Uint8Array.from(packed, (c) => c.charCodeAt(0)), new DecompressionStream("deflate"));
    for (let at = 0; at < bytes.length; ) {
      const end = at + 2 + bytes[at] * 256 + bytes[at + 1];
      if (!(end <= bytes.length) || (end - at) % 2 || end === at + 2) throw new Error("cut short");
      strokes.push([...bytes.slice(at + 2, end)]);
      at = end;
    }
  } catch {
    if (text) throw new Error("a drawing made here");
  }
  if (strokes.length > MAX_STROKES || strokes.flat().length > 2 * MAX_POINTS) throw new Error("a drawing made here");
  return strokes;
}

// What mail and chat programs make of a link is put right where only one meaning is left, as playground/links.py does.
const TAIL = /[\s\u200b\ufeff.,;:!?)\]}>'"*»”’…]+$/;
const ESCAPED = /^([\w.~!'()*+-]|%[0-9a-f]{2})*$/i; // all that would be escaped is

function unescaped(text) {
  return new URLSearchParams(`=${text.replaceAll("&", "%26")}`).get("");
}

function pairs(name, value, known) {
  const plain = name.replace(/^(amp;)+/, "");
  if (known.includes(plain)) return [[plain, value]];
  const query = value ? `${name}=${value}` : name;
  const parts = [...new URLSearchParams((name.includes("=") ? query : unescaped(query)).replace(/^\?/, ""))];
  return parts.some(([part]) => known.includes(part)) ? parts.flatMap((part) => pairs(...part, known)) : [[name, value]];
}

function forms(kind, text) {
  const plain = unescaped(text);
  if (kind !== "text") return [text, ...[text.replace(TAIL, ""), plain, plain.replace(TAIL, "")].filter(Boolean)];
  return [text.includes("%") && ESCAPED.test(text) && /\s/.test(plain) ? plain : text];
}

async function first(field, texts) {
  const errors = [];
  for (const text of texts)
    try {
      if (text.length > MAX_VALUE) throw new Error(`at most ${MAX_VALUE} characters`);
      return await READ[field.kind](field, text);
    } catch (error) {
      errors.push(error);
    }
  throw errors[0];
}

// Values for all fields and the weights out of a link's query, and a sentence for each value that is bad.
export async function read(query, fields) {
  const values = {};
  const problems = [];
  const given = Object.fromEntries([...query].flatMap(([name, value]) => pairs(name, value, [...Object.keys(fields), "weights"])).reverse());
  const said = Object.keys(fields).some((name) => name in given); // else the page is opened as it is
  for (const [name, field] of Object.entries(fields)) {
    values[name] = structuredClone(said ? (field.missing ?? field.default) : field.default);
    const text = given[name];
    if (text === undefined || field.unlinked) continue;
    try {
      values[name] = await first(field, forms(field.kind, text));
    } catch (error) {
      problems.push(`${name} must be ${error.message}; the link has “${text.slice(0, 40)}”, so the default is shown.`);
    }
  }
  const weights = given.weights ?? null;
  return { values, problems, weights: weights?.match(/^[0-9a-f]{12}(-[0-9a-f]{12})*/)?.[0] ?? weights };
}

export async function write(values, fields, weights) {
  const query = new URLSearchParams();
  for (const [name, { kind, unlinked }] of Object.entries(fields))
    if (!unlinked) query.set(name, await (WRITE[kind] ?? String)(values[name]));
  query.set("weights", weights);
  return query;
}
