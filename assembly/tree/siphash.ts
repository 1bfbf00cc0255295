// SipHash-1-3: a keyed 64-bit hash for hash tables whose keys a peer chooses.

const FINAL_ROUNDS: i32 = 3;

/** The hash of `length` bytes under the 16-byte key at `seed`. */
export function siphash(seed: usize, bytes: usize, length: usize): u64 {
  const k0 = load<u64>(seed);
  const k1 = load<u64>(seed, 8);
  // The state is in locals, and there is one loop with one round in it: the last word and the final rounds
  // are turns of it too.
  let v0 = k0 ^ 0x736f6d6570736575;
  let v1 = k1 ^ 0x646f72616e646f6d;
  let v2 = k0 ^ 0x6c7967656e657261;
  let v3 = k1 ^ 0x7465646279746573;
  const words = <i32>(length >> 3);
  for (let i = 0; i <= words + FINAL_ROUNDS; i++) {
    let word: u64 = 0;
    if (i < words) word = load<u64>(bytes + ((<usize>i) << 3));
    else if (i == words) word = lastWord(bytes, length);
    else if (i == words + 1) v2 ^= 0xff;
    v3 ^= word;
    v0 += v1;
    v2 += v3;
    v1 = rotl(v1, 13) ^ v0;
    v3 = rotl(v3, 16) ^ v2;
    v0 = rotl(v0, 32);
    v2 += v1;
    v0 += v3;
    v1 = rotl(v1, 17) ^ v2;
    v3 = rotl(v3, 21) ^ v0;
    v2 = rotl(v2, 32);
    v0 ^= word;
  }
  return v0 ^ v1 ^ v2 ^ v3;
}

/** What is left of whole words, and the length above it. */
function lastWord(bytes: usize, length: usize): u64 {
  let word = (<u64>length) << 56;
  const whole = length & ~7;
  for (let i = whole; i < length; i++) {
    const shift = <u64>(i - whole) * 8;
    word |= (<u64>load<u8>(bytes + i)) << shift;
  }
  return word;
}
