// Words and terms of texts as Python has them, in zoo/reading.py and zoo/models/: the same for every script.

const SPACE = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000"; // Python's \s, which is not JavaScript's
const LETTER = "[\\p{L}\\p{Nl}\\p{No}]"; // Python's \w less \d and _
const WORD = new RegExp(`${LETTER}+(?:['’]${LETTER}+)*|\\p{Nd}+|[^\\p{L}\\p{N}_${SPACE}]|_`, "gu");
const TERM = /[\p{L}\p{N}_]{2,}/gu;
const BLANKS = new RegExp(`[${SPACE}]+`, "u");
const UTF8 = new TextEncoder();

// Where each word, number and mark of a text begins and ends.
export const words = (text) => [...text.matchAll(WORD)].map(({ 0: word, index }) => [index, index + word.length]);

export const without = (text, [start, end]) => `${text.slice(0, start)} ${text.slice(end)}`;

// FNV-1a of a text's UTF-8, 32 bits.
export function hashed(text) {
  let value = 2166136261;
  for (const byte of UTF8.encode(text)) value = Math.imul(value ^ byte, 16777619) >>> 0;
  return value;
}

// The words of a text, and what they make in a row.
export function wordTerms(text, least, most) {
  const tokens = text.toLowerCase().match(TERM) ?? [];
  const found = [];
  for (let n = least; n <= most; n++) for (let i = 0; i + n <= tokens.length; i++) found.push(tokens.slice(i, i + n).join(" "));
  return found;
}

// The pieces of one word in lower case, with a blank on either side; a short one is a piece itself, once.
export function pieceTerms(word, least, most) {
  const letters = [" ", ...word, " "];
  const found = [];
  for (let n = least; n <= most; n++) {
    found.push(letters.slice(0, n).join(""));
    for (let i = 1; i + n <= letters.length; i++) found.push(letters.slice(i, i + n).join(""));
    if (n >= letters.length) break;
  }
  return found;
}

export const split = (text) => text.toLowerCase().split(BLANKS).filter(Boolean);

// How a word is written: 0 small, 1 its first letter capital, 2 all capital, 3 mixed, 4 a number, 5 a mark. digits: what Python calls
// digits beside decimals.
export function shape(word, digits) {
  const letters = [...word];
  if (letters.every((c) => digits.includes(c) || /\p{Nd}/u.test(c))) return 4;
  if (!/\p{L}/u.test(letters[0])) return 5;
  if (word === word.toLowerCase()) return 0;
  if (letters.length > 1 && word === word.toUpperCase()) return 2;
  const rest = letters.slice(1).join("");
  return rest === rest.toLowerCase() ? 1 : 3;
}

// The pieces of 3 to 5 characters of a word between < and >; of a number how long it is, and its first 1 to `first` digits.
export function pieces(word, digits, first = 0) {
  const whole = [...word];
  if (shape(word, digits) === 4) {
    const beginnings = Array.from({ length: Math.min(first, whole.length) }, (_, i) => `<${whole.slice(0, i + 1).join("")}`);
    return [`#${Math.min(whole.length, 12)}`, ...beginnings];
  }
  const letters = ["<", ...[...word.toLowerCase()].slice(0, 30), ">"];
  return [3, 4, 5].flatMap((n) => Array.from({ length: Math.max(0, letters.length - n + 1) }, (_, i) => letters.slice(i, i + n).join("")));
}
