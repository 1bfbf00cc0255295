// SipHash-1-3: a keyed 64-bit hash for hash tables whose keys a peer chooses.

let v0: u64 = 0;
let v1: u64 = 0;
let v2: u64 = 0;
let v3: u64 = 0;

function round(): void {
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
}

/** The hash of `length` bytes under the 16-byte key at `seed`. */
export function siphash(seed: usize, bytes: usize, length: usize): u64 {
  const k0 = load<u64>(seed);
  const k1 = load<u64>(seed, 8);
  v0 = k0 ^ 0x736f6d6570736575;
  v1 = k1 ^ 0x646f72616e646f6d;
  v2 = k0 ^ 0x6c7967656e657261;
  v3 = k1 ^ 0x7465646279746573;
  const whole = length & ~7;
  for (let i: usize = 0; i < whole; i += 8) {
    const word = load<u64>(bytes + i);
    v3 ^= word;
    round();
    v0 ^= word;
  }
  let last = (<u64>length) << 56;
  for (let i = whole; i < length; i++) {
    const shift = <u64>(i - whole) * 8;
    last |= (<u64>load<u8>(bytes + i)) << shift;
  }
  v3 ^= last;
  round();
  v0 ^= last;
  v2 ^= 0xff;
  round();
  round();
  round();
  return v0 ^ v1 ^ v2 ^ v3;
}
