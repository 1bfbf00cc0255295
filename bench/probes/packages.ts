// Many key packages in one file: each after its length, four bytes.

export function joinPackages(packages: readonly Uint8Array[]): Uint8Array {
  const length = packages.reduce((sum, each) => sum + 4 + each.length, 0);
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const each of packages) {
    view.setUint32(at, each.length);
    bytes.set(each, at + 4);
    at += 4 + each.length;
  }
  return bytes;
}

export function splitPackages(bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const packages: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = view.getUint32(at);
    packages.push(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return packages;
}
