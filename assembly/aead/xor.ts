// Adds a key stream to a message.

/** dst = from + stream; `dst` may be `from`. */
export function xorBytes(dst: usize, from: usize, stream: usize, length: usize): void {
  let i: usize = 0;
  for (; i + 16 <= length; i += 16) {
    v128.store(dst + i, v128.xor(v128.load(from + i), v128.load(stream + i)));
  }
  for (; i < length; i++) store<u8>(dst + i, load<u8>(from + i) ^ load<u8>(stream + i));
}
