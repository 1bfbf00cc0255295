// The process that measures the floor: the primitives of node:crypto, with keys imported beforehand.
import { createPrivateKey, diffieHellman, generateKeyPairSync, sign, verify } from "node:crypto";
import type { Primitives } from "../scenario/operations.ts";
import { clock } from "./clock.ts";
import { serve } from "./serve.ts";

/** Long enough for the clock, short enough to stand between two measurements. */
const SLICE_MILLISECONDS = 25;

const message = new Uint8Array(200).fill(1);
const signing = generateKeyPairSync("ed25519");
const signature = sign(null, message, signing.privateKey);
const own = generateKeyPairSync("x25519");
const peer = generateKeyPairSync("x25519");
const privateKey = createPrivateKey(own.privateKey.export({ format: "pem", type: "pkcs8" }));

await serve((call) => {
  if (call !== "primitives") return Promise.reject(new Error(`no call ${call}`));
  const primitives: Primitives = {
    verify: millisecondsOf(() => {
      if (!verify(null, message, signing.publicKey, signature)) throw new Error("a valid signature was refused");
    }),
    sign: millisecondsOf(() => sign(null, message, signing.privateKey)),
    keygen: millisecondsOf(() => generateKeyPairSync("x25519")),
    dh: millisecondsOf(() => diffieHellman({ privateKey, publicKey: peer.publicKey })),
  };
  return Promise.resolve(primitives);
});

function millisecondsOf(work: () => unknown): number {
  const start = clock();
  let count = 0;
  let elapsed: number;
  do {
    for (let i = 0; i < 16; i++) work();
    count += 16;
    elapsed = clock() - start;
  } while (elapsed < SLICE_MILLISECONDS);
  return elapsed / count;
}
