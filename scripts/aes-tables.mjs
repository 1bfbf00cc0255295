// Derives the tables of assembly/aead/aes.ts and prints them; a test compares.
//
// GF(256) is seen as GF(16)[z] with z^2 = z + 1/a^2. A byte x = i + a*j*z is kept as the two nibbles
// i and k = i + j. With D = i^2 + a*i*j + j^2 (never 0 unless x is), Hamburg's observation is that
//   p = 1/(1/i + a/k) + j = D/(k + a*i)   and   q = 1/(1/j + a/k) + i = D/(k + a*j),
// so that five look-ups of nibbles reach p and q, and 1/x is linear in 1/p and 1/q.
import { fileURLToPath } from "node:url";

/** @param {number} x @param {number} y */
function multiply(x, y) {
  let product = 0;
  for (; y > 0; y >>= 1) {
    if (y & 1) product ^= x;
    x = (x << 1) ^ (x & 0x80 ? 0x11b : 0);
  }
  return product;
}

/** @param {number} x @param {number} exponent */
function power(x, exponent) {
  let result = 1;
  for (let i = 0; i < exponent; i++) result = multiply(result, x);
  return result;
}

/** @param {number} x */
const inverse = (x) => power(x, 254);
const bytes = Array.from({ length: 256 }, (_, i) => i);
const nibbles = bytes.slice(0, 16);

/** @param {number[]} list @param {(x: number) => boolean} test */
function first(list, test) {
  const found = list.find(test);
  if (found === undefined) throw new Error("nothing found");
  return found;
}

// The subfield of 16 elements with the basis 1, g, g^2, g^3.
const subfield = bytes.filter((x) => power(x, 16) === x);
const g = first(subfield, (x) => x > 1 && power(x, 3) !== 1 && power(x, 5) !== 1);
const element = nibbles.map((n) => [0, 1, 2, 3].reduce((sum, bit) => sum ^ (n & (1 << bit) ? power(g, bit) : 0), 0));
/** @param {number} x */
const nibbleOf = (x) => element.indexOf(x);

// The first a for which z^2 = z + 1/a^2 has no root in the subfield.
/** @param {number} z @param {number} a */
const isRoot = (z, a) => (multiply(z, z) ^ z) === inverse(multiply(a, a));
const a = first(element, (x) => x > 0 && !subfield.some((z) => isRoot(z, x)));
const z = first(bytes, (x) => isRoot(x, a));

// The kept form of every byte.
const keptForms = new Map(
  element.flatMap((u, i) => element.map((v, j) => [u ^ multiply(multiply(a, v), z), (i << 4) | (i ^ j)])),
);
/** @param {number} x */
const kept = (x) => keptForms.get(x) ?? 0;

// The S-box without its constant 0x63 (that goes into the round keys).
/** @param {number} x @param {number} n */
const rotate = (x, n) => ((x << n) | (x >> (8 - n))) & 0xff;
/** @param {number} x */
const affine = (x) => x ^ rotate(x, 1) ^ rotate(x, 2) ^ rotate(x, 3) ^ rotate(x, 4);

// 1/x = fromP/p + fromQ/q
const fromP = multiply(a ^ 1, inverse(multiply(a, a))) ^ multiply(z ^ 1, inverse(a));
const fromQ = inverse(multiply(a, a)) ^ multiply(multiply(a ^ 1, z ^ 1), inverse(a));
/** @param {number} factor @param {(s: number) => number} map */
const output = (factor, map) => element.map((x) => map(affine(multiply(factor, inverse(x)))));
/** @param {number[]} table */
const infinite = (table) => [0x80, ...table.slice(1)];
/** @param {number} s */
const twice = (s) => kept(multiply(2, s));

/** @type {[string, number[]][]} */
export const tables = [
  ["ENTER_LOW", nibbles.map(kept)],
  ["ENTER_HIGH", nibbles.map((n) => kept(n << 4))],
  ["INVERSE", infinite(element.map((x) => nibbleOf(inverse(x))))],
  ["INVERSE_A", infinite(element.map((x) => nibbleOf(multiply(a, inverse(x)))))],
  ["ONCE_P", output(fromP, kept)],
  ["ONCE_Q", output(fromQ, kept)],
  ["TWICE_P", output(fromP, twice)],
  ["TWICE_Q", output(fromQ, twice)],
  ["LEAVE_P", output(fromP, (s) => s)],
  ["LEAVE_Q", output(fromQ, (s) => s)],
];
export const keptConstant = kept(0x63);

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [, table] of tables)
    console.log(`  ${table.map((x) => `0x${x.toString(16).padStart(2, "0")}`).join(", ")},`);
  console.log(`0x63 kept: 0x${keptConstant.toString(16)}`);
}
