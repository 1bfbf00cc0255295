// The runner of the harness's scripts: that it plays them, and that it notices what goes wrong.

import { describe, expect, it } from "vitest";
import type { InteropClient } from "../../interop/client.ts";
import { groveClient } from "../../interop/grove/client.ts";
import { type MatrixOptions, playScript, type Verdict } from "../../interop/runner/matrix.ts";
import { actorsOf, parseScripts, type Script, ScriptError } from "../../interop/runner/script.ts";
import type { Player } from "../../interop/runner/stage.ts";

const players = (...clients: InteropClient[]): Player[] =>
  clients.map((client, index) => ({ name: `client ${index}`, client, suites: new Set([1, 3]) }));

function script(...steps: object[]): Script {
  return parseScripts(JSON.stringify({ scripts: { test: steps } }))[0]!;
}

function play(steps: object[], options: Partial<MatrixOptions> = {}): Promise<Verdict> {
  const defaults = { suite: 1, encrypts: [true], isRandom: false, seed: 1, players: players(groveClient()) };
  return playScript(script(...steps), { ...defaults, ...options });
}

const create = { action: "createGroup", actor: "alice", members: ["bob"] };
const protect = { action: "protect", actor: "alice", authenticatedData: "a", plaintext: "b" };
const unprotect = { action: "unprotect", actor: "bob", ciphertext: 1 };

describe("script files", () => {
  it("are read with both spellings of a name", () => {
    const { steps } = script({ action: "commit", actor: "alice", force_path: true, externalTree: false });
    expect(steps[0]).toMatchObject({ action: "commit", actor: "alice" });
    expect(Object.fromEntries(steps[0]!.parameters)).toMatchObject({ forcepath: true, externaltree: false });
  });

  it("name everyone who needs a client", () => {
    const join = { action: "externalJoin", actor: "bob", joiner: "carol" };
    const sign = { action: "addExternalSigner", actor: "bob", signer: "ds" };
    const install = { action: "installExternalPSK", clients: ["dave"] };
    expect(actorsOf(script(create, join, sign, install))).toEqual(["alice", "bob", "carol", "ds", "dave"]);
  });

  it.each(["{}", "[]", '{"scripts":{"a":1}}', '{"scripts":{"a":[1]}}', '{"scripts":{"a":[{"action":1}]}}'])(
    "are refused as %s",
    (text) => {
      expect(() => parseScripts(text)).toThrow(ScriptError);
    },
  );
});

describe("a run", () => {
  it("passes where everyone agrees", async () => {
    await expect(play([create, protect, unprotect])).resolves.toEqual({ passed: 1, total: 1, failures: [] });
  });

  it("casts every client in every role, in all suites and with both kinds of handshake messages", async () => {
    const options = { suite: undefined, encrypts: [true, false], players: players(groveClient(), groveClient()) };
    await expect(play([create], options)).resolves.toMatchObject({ passed: 16, total: 16 });
    await expect(play([create], { ...options, isRandom: true })).resolves.toMatchObject({ passed: 4, total: 4 });
  });

  it("fails at an unknown action, and says where", async () => {
    const { passed, failures } = await play([create, { action: "toString", actor: "alice" }]);
    expect(passed).toBe(0);
    expect(failures[0]).toMatch(/^suite 1, private handshakes, .*: step 1 \(toString\): unknown action: toString$/);
  });

  it("fails at an unknown type of proposal", async () => {
    const commit = { action: "fullCommit", actor: "alice", byValue: [{ proposalType: "selfie" }], members: ["bob"] };
    expect((await play([create, commit])).failures[0]).toMatch(/unknown proposal type: selfie$/);
  });

  it("fails where a step refers to what is not there", async () => {
    expect((await play([create, unprotect])).failures[0]).toMatch(/step 1 has made no ciphertext$/);
  });

  it("fails where a client refuses", async () => {
    const twice = await play([create, protect, unprotect, unprotect]);
    expect(twice.failures[0]).toMatch(/step 3 \(unprotect\): unprotect by bob: /);
  });

  it.each(["plaintext", "authenticatedData"])("fails where somebody reads another %s", async (field) => {
    const grove = groveClient();
    const liar: InteropClient = {
      ...grove,
      unprotect: async (request) => ({ ...(await grove.unprotect(request)), [field]: Uint8Array.of(1, 2) }),
    };
    const { failures } = await play([create, protect, unprotect], { players: players(liar) });
    expect(failures[0]).toMatch(/bob reads another message than was sent$/);
  });

  it.each(["joinGroup", "handleCommit"] as const)("fails where %s ends in another epoch", async (call) => {
    const grove = groveClient();
    const liar: InteropClient = {
      ...grove,
      [call]: async (request: never) => ({ ...(await grove[call](request)), epochAuthenticator: new Uint8Array(32) }),
    };
    const commit = { action: "fullCommit", actor: "alice", members: ["bob"] };
    const { failures } = await play([create, commit], { players: players(liar) });
    expect(failures[0]).toMatch(/bob has another epoch authenticator$/);
  });

  it("fails where a state cannot be given back", async () => {
    const grove = groveClient();
    const client: InteropClient = { ...grove, free: () => Promise.reject(new Error("no")) };
    expect((await play([create], { players: players(client) })).failures[0]).toMatch(/at the end: free by alice: no$/);
  });
});
