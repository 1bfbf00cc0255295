// Random histories: that they can be replayed, and that no divergence passes unseen.

import { describe, expect, it } from "vitest";
import type { InteropClient } from "../../interop/client.ts";
import { grovePeer } from "../../interop/grove/peer.ts";
import {
  type Difference,
  HistoryError,
  type HistoryReport,
  type Peer,
  playHistory,
} from "../../interop/histories/index.ts";

const STEPS = 40;

function history(seed: number, ...peers: Peer[]): Promise<HistoryReport> {
  return playHistory({ seed, steps: STEPS, peers, suites: [1], members: { min: 3, max: 6 } });
}

/** A peer that answers some calls in its own way. */
function odd(change: (grove: InteropClient) => Partial<InteropClient>, differences: readonly Difference[] = []): Peer {
  const peer = grovePeer("odd");
  return { ...peer, client: { ...peer.client, ...change(peer.client) }, differences };
}

const zeros = new Uint8Array(32);

describe("a random history", () => {
  it("is the same for the same seed, and another one for another", async () => {
    const [first, again, other] = [
      await history(7, grovePeer()),
      await history(7, grovePeer()),
      await history(8, grovePeer()),
    ];
    expect(again).toEqual(first);
    expect(other.steps).not.toEqual(first.steps);
    expect(first.epochs).toBeGreaterThan(3);
    expect(first.read).toBeGreaterThan(STEPS);
  });

  it.each<[string, RegExp, (grove: InteropClient) => Partial<InteropClient>]>([
    [
      "an authenticator",
      /has the authenticator/,
      () => ({ stateAuth: () => Promise.resolve({ stateAuthSecret: zeros }) }),
    ],
    ["an exported secret", /exports/, () => ({ export: () => Promise.resolve({ exportedSecret: zeros }) })],
    [
      "a plaintext",
      /plaintext: ff/,
      (grove) => ({
        unprotect: async (request) => ({ ...(await grove.unprotect(request)), plaintext: Uint8Array.of(255) }),
      }),
    ],
    [
      "authenticated data",
      /authenticated data: ff/,
      (grove) => ({
        unprotect: async (request) => ({ ...(await grove.unprotect(request)), authenticatedData: Uint8Array.of(255) }),
      }),
    ],
    ["a refusal", /refuses handleCommit: no/, () => ({ handleCommit: () => Promise.reject(new Error("no")) })],
  ])("ends at %s that differs, and names its seed", async (_, message, change) => {
    const played = history(3, grovePeer(), odd(change));
    await expect(played).rejects.toThrow(HistoryError);
    await expect(played).rejects.toThrow(/^seed 3, step \d+: /);
    await expect(played).rejects.toThrow(message);
  });

  it("ends where something forbidden is accepted", async () => {
    const forgets: (grove: InteropClient) => Partial<InteropClient> = (grove) => ({
      unprotect: (request) => grove.unprotect(request).catch(() => ({ plaintext: zeros, authenticatedData: zeros })),
    });
    const played = playHistory({
      seed: 1,
      steps: 400,
      peers: [grovePeer(), odd(forgets)],
      suites: [1],
      members: { min: 3, max: 6 },
    });
    await expect(played).rejects.toThrow(/accepts unprotect: probe:/);
  });

  it("goes on where the table of differences has the rule, and counts it", async () => {
    const difference: Difference = {
      rule: "MLS-0-00",
      outcome: "refuses",
      call: "handleCommit",
      tags: ["commit:external"],
      error: /^no newcomers$/,
      what: "lets nobody in",
    };
    // An external commit comes without proposals, from a sender of type 4.
    const strict = (grove: InteropClient): Partial<InteropClient> => ({
      handleCommit: (request) =>
        isFromOutside(request.commit) ? Promise.reject(new Error("no newcomers")) : grove.handleCommit(request),
    });
    const resync: Difference = { ...difference, tags: ["commit:resync"] };
    const seeds = [1, 2, 3, 4];
    const reports = await Promise.all(
      seeds.map((seed) => history(seed, grovePeer(), odd(strict, [difference, resync]))),
    );
    const met = reports.map((report) => report.met.get(difference) ?? 0);
    expect(Math.max(...met)).toBeGreaterThan(0);
    const unexplained = Promise.all(seeds.map((seed) => history(seed, grovePeer(), odd(strict, [resync]))));
    await expect(unexplained).rejects.toThrow(/refuses handleCommit: no newcomers/);
  });
});

/** PublicMessage, then group_id, epoch, sender. */
function isFromOutside(message: Uint8Array): boolean {
  const isPublic = message[3] === 1;
  const groupIdLength = message[4]!;
  return isPublic && message[4 + 1 + groupIdLength + 8] === 4;
}
