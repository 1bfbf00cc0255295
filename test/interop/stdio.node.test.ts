// The connection to programs of interop/peers, with a program of a few lines in their place.

import { afterEach, describe, expect, it } from "vitest";

import type { InteropClient } from "../../interop/client.ts";
import { PeerError, stdioClient } from "../../interop/native/stdio.ts";

const program = `
const lines = require("node:readline").createInterface({ input: process.stdin });
const answers = {
  name: () => ({ answer: { name: "00ff" } }),
  stateAuth: ({ stateId }) => ({ answer: { stateAuthSecret: stateId.toString(16).padStart(4, "0") } }),
  resumptionPSKProposal: ({ epochId }) => ({ answer: { proposal: Buffer.from(epochId + typeof epochId).toString("hex") } }),
  unprotect: ({ ciphertext }) => ({ answer: { authenticatedData: "", plaintext: ciphertext } }),
  createBranch: () => ({ error: { kind: "unsupported", message: "createBranch" } }),
  commit: () => ({ error: { kind: "refused", message: "00" } }),
  free: () => { process.stderr.write("out of luck"); process.exit(3); },
};
lines.on("line", (line) => {
  const { method, request } = JSON.parse(line);
  console.log(JSON.stringify(answers[method](request)));
});
`;

let client: InteropClient | undefined;
const start = (): InteropClient => (client = stdioClient(process.execPath, ["-e", program]));

afterEach(async () => {
  await client?.close();
  client = undefined;
});

describe("a program behind the line protocol", () => {
  it("gets and gives byte strings, and 64-bit integers without loss", async () => {
    const peer = start();
    const ciphertext = Uint8Array.of(0, 1, 254, 255);
    await expect(peer.unprotect({ stateId: 1, ciphertext })).resolves.toEqual({
      authenticatedData: new Uint8Array(0),
      plaintext: ciphertext,
    });
    const { proposal } = await peer.resumptionPSKProposal({ stateId: 1, epochId: 2n ** 64n - 1n });
    expect(Buffer.from(proposal).toString()).toBe("18446744073709551615string");
  });

  it("keeps names as text, even when they look like bytes", async () => {
    await expect(start().name({})).resolves.toEqual({ name: "00ff" });
  });

  it("answers calls that wait at the same time, each with its own answer", async () => {
    const peer = start();
    const ids = Array.from({ length: 50 }, (_, i) => i);
    const answers = await Promise.all(ids.map((stateId) => peer.stateAuth({ stateId })));
    expect(answers.map(({ stateAuthSecret }) => stateAuthSecret[1])).toEqual(ids);
  });

  it("rejects with the kind and the message of an error", async () => {
    const peer = start();
    const request = { stateId: 1, byReference: [], byValue: [], forcePath: false, externalTree: false };
    await expect(peer.commit(request)).rejects.toMatchObject({ name: "PeerError", kind: "refused", message: "00" });
    const branch = { stateId: 1, groupId: new Uint8Array(0), extensions: [], keyPackages: [] };
    await expect(peer.createBranch({ ...branch, forcePath: false, externalTree: false })).rejects.toMatchObject({
      kind: "unsupported",
    });
  });

  it("rejects all calls of a program that has crashed, with what it wrote to stderr", async () => {
    const peer = start();
    const waiting = [peer.free({ stateId: 1 }), peer.name({})];
    for (const call of waiting) await expect(call).rejects.toThrow(/ended \(status 3\)\nout of luck$/);
    await expect(peer.name({})).rejects.toMatchObject({ kind: "ended" });
  });

  it("rejects all calls to a program that is not there", async () => {
    const absent = stdioClient("/nowhere/no-such-program");
    await expect(absent.name({})).rejects.toThrow(PeerError);
    await expect(absent.name({})).rejects.toThrow(/ENOENT/);
    await absent.close();
  });
});
