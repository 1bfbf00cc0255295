// Derives the tables of assembly/aead/aes.ts and prints them; a test compares.
//
// GF(256) is seen as GF(16)[z] with z^2 = z + 1/a^2. A byte x = i + a*j*z is kept as the two nibbles
// i and k = i + j. With D = i^2 + a*i*j + j^2 (never 0 unless x is), Hamburg's observation is that
//   p = 1/(1/i + a/k) + j = D/(k + a*i)   and   q = 1/(1/j + a/k) + i = D/(k + a*j),
// so that five look-ups of nibbles reach p and q, and 1/x is linear in 1/p and 1/q.
import { fileURLToPath } from "node:url";

function multiply(x, y) {
  let product = 0;
  for (; y > 0; y >>= 1) {
    if (y & 1) product ^= x;
    x = (x << 1) ^ (x & 0x80 ? 0x11b : 0);
  }
  return product;
}

function power(x, exponent) {
  let result = 1;
  for (let i = 0; i < exponent; i++) result = multiply(result, x);
  return result;
}

const inverse = (x) => power(x, 254);
const bytes = Array.from({ length: 256 }, (_, i) => i);
const nibbles = bytes.slice(0, 16);

// The subfield of 16 elements with the basis 1, g, g^2, g^3.
const subfield = bytes.filter((x) => power(x, 16) === x);
const g = subfield.find((x) => x > 1 && power(x, 3) !== 1 && power(x, 5) !== 1);
const element = nibbles.map((n) => [0, 1, 2, 3].reduce((sum, bit) => sum ^ (n & (1 << bit) ? power(g, bit) : 0), 0));
const nibbleOf = (x) => element.indexOf(x);

// The first a for which z^2 = z + 1/a^2 has no root in the subfield.
const isRoot = (z, a) => (multiply(z, z) ^ z) === inverse(multiply(a, a));
const a = element.find((x) => x > 0 && !subfield.some((z) => isRoot(z, x)));
const z = bytes.find((x) => isRoot(x, a));

// The kept form of every byte.
const kept = [];
for (const i of nibbles) {
  for (const j of nibbles) kept[element[i] ^ multiply(multiply(a, element[j]), z)] = (i << 4) | (i ^ j);
}

// The S-box without its constant 0x63 (that goes into the round keys).
const rotate = (x, n) => ((x << n) | (x >> (8 - n))) & 0xff;
const affine = (x) => x ^ rotate(x, 1) ^ rotate(x, 2) ^ rotate(x, 3) ^ rotate(x, 4);

// 1/x = fromP/p + fromQ/q
const fromP = multiply(a ^ 1, inverse(multiply(a, a))) ^ multiply(z ^ 1, inverse(a));
const fromQ = inverse(multiply(a, a)) ^ multiply(multiply(a ^ 1, z ^ 1), inverse(a));
const output = (factor, map) => nibbles.map((n) => map(affine(multiply(factor, inverse(element[n])))));
const infinite = (table) => [0x80, ...table.slice(1)];

export const tables = [
  ["ENTER_LOW", nibbles.map((n) => kept[n])],
  ["ENTER_HIGH", nibbles.map((n) => kept[n << 4])],
  ["INVERSE", infinite(nibbles.map((n) => nibbleOf(inverse(element[n]))))],
  ["INVERSE_A", infinite(nibbles.map((n) => nibbleOf(multiply(a, inverse(element[n])))))],
  ["ONCE_P", output(fromP, (s) => kept[s])],
  ["ONCE_Q", output(fromQ, (s) => kept[s])],
  ["TWICE_P", output(fromP, (s) => kept[multiply(2, s)])],
  ["TWICE_Q", output(fromQ, (s) => kept[multiply(2, s)])],
  ["LEAVE_P", output(fromP, (s) => s)],
  ["LEAVE_Q", output(fromQ, (s) => s)],
];
export const keptConstant = kept[0x63];

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [, table] of tables)
    console.log(`  ${table.map((x) => `0x${x.toString(16).padStart(2, "0")}`).join(", ")},`);
  console.log(`0x63 kept: 0x${keptConstant.toString(16)}`);
}
