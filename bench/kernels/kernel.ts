// Kernels: the primitives that everything else stands on, from bytes to bytes.

/** The primitives that are compared. */
export const kernels = {
  "x25519-public": "X25519 public key of a private key",
  "x25519-shared": "X25519 shared secret, peers as bytes",
  "ed25519-sign": "Ed25519 signature, 200 B",
  "ed25519-verify": "Ed25519 verification, 200 B",
  "sha256-64": "SHA-256, 64 B",
  "sha256-1000": "SHA-256, 1,000 B",
  "hkdf-expand": "HKDF-Expand-SHA-256, 32 B",
  "aes128gcm-100": "AES-128-GCM, 100 B",
  "aes128gcm-64k": "AES-128-GCM, 64 KiB",
  "chacha20poly1305-100": "ChaCha20-Poly1305, 100 B",
  "chacha20poly1305-64k": "ChaCha20-Poly1305, 64 KiB",
} as const;

export type KernelName = keyof typeof kernels;
export const kernelNames = Object.keys(kernels) as KernelName[];

/** Does the work once. What comes back is compared with what all others make of the same input. */
export type Kernel = () => Uint8Array | Promise<Uint8Array>;

/** An implementation of some of them. */
export interface KernelSet {
  readonly implementation: string;
  readonly version: string;
  /** Items that one call handles: times and results are those of one. */
  readonly batch: number;
  readonly kernels: Partial<Record<KernelName, Kernel>>;
}

/** Bytes that are the same for everyone. */
export const inputs = {
  privateKey: pattern(1, 32),
  peer: pattern(2, 32),
  seed: pattern(3, 32),
  message: pattern(4, 200),
  short: pattern(5, 64),
  long: pattern(6, 1000),
  prk: pattern(7, 32),
  info: pattern(8, 20),
  key16: pattern(9, 16),
  key32: pattern(10, 32),
  nonce: pattern(11, 12),
  small: pattern(12, 100),
  large: pattern(13, 65_536),
};

/** What verifications return. */
export const VALID: Uint8Array = Uint8Array.of(1);

/** The answer of a verification as bytes, to compare. */
export function valid(answer: boolean): Uint8Array {
  return Uint8Array.of(answer ? 1 : 0);
}

function pattern(from: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (from * 41 + i * 7) & 0xff);
}
