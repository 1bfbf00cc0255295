// What histories do when a peer cannot go on, and how many of them are run.

import { describe, expect, it } from "vitest";
import type { InteropClient } from "../../interop/client.ts";
import { grovePeer } from "../../interop/grove/peer.ts";
import { type Difference, type Peer, playHistory, runHistories } from "../../interop/histories/index.ts";

/** Grove that refuses some calls, with a table that says so. */
function refusing(call: "reInitWelcome" | "handleReInitWelcome"): Peer {
  const peer = grovePeer("odd");
  const differences: Difference[] = [
    { rule: "MLS-0-00", outcome: "refuses", call, tags: [], error: /^no$/, what: "says no" },
  ];
  const client = { ...peer.client, [call]: () => Promise.reject(new Error("no")) };
  return { ...peer, client, differences };
}

const settings = { steps: 60, suites: [1], members: { min: 2, max: 5 } };

async function timesMet(seed: number, call: Parameters<typeof refusing>[0], ...others: Peer[]): Promise<number> {
  const odd = refusing(call);
  const report = await playHistory({ ...settings, seed, peers: [odd, ...others] });
  return report.met.get(odd.differences[0]!) ?? 0;
}

describe("a history with a peer", () => {
  it("that founds no successors goes on in that of another member (MLS-11.2-05), or in a new group", async () => {
    await expect(timesMet(4, "reInitWelcome", grovePeer())).resolves.toBe(2);
    await expect(timesMet(2, "reInitWelcome")).resolves.toBe(3);
  });

  it("that joins no successors lets it come back by a resync", async () => {
    await expect(timesMet(2, "handleReInitWelcome", grovePeer())).resolves.toBe(2);
  });

  it("that has been given a spoiled commit tells the table of differences so", async () => {
    const spoils = (grove: InteropClient): Partial<InteropClient> => {
      let isSpoiled = false;
      return {
        handleCommit: async (request) => {
          if (isSpoiled) throw new Error("no");
          return grove.handleCommit(request).catch((error: unknown) => {
            isSpoiled = true;
            throw error;
          });
        },
      };
    };
    const peer = grovePeer("odd");
    const odd: Peer = { ...peer, client: { ...peer.client, ...spoils(peer.client) } };
    const played = playHistory({ ...settings, seed: 2, peers: [odd, grovePeer()] });
    await expect(played).rejects.toThrow(/after:(altered|missing|stale)\] refused: no/);
  });
});

describe("a run of histories", () => {
  it("makes peers anew for each seed, closes them, and counts", async () => {
    const made: number[] = [];
    const closed: number[] = [];
    const lines: string[] = [];
    const peers = (seed: number): Peer[] => {
      made.push(seed);
      const peer = grovePeer();
      const close = async (): Promise<void> => {
        await peer.client.close();
        closed.push(seed);
      };
      const broken = { export: () => Promise.reject(new Error("broken")) };
      return [{ ...peer, client: { ...peer.client, ...(seed === 6 && broken), close } }];
    };
    const options = {
      ...settings,
      steps: 10,
      seeds: 3,
      firstSeed: 5,
      peers,
      print: (line: string) => lines.push(line),
    };
    await expect(runHistories(options)).resolves.toEqual({ passed: 2, failed: 1 });
    expect([made, closed]).toEqual([
      [5, 6, 7],
      [5, 6, 7],
    ]);
    expect(lines.filter((line) => /^seed [567][:,]/.test(line))).toHaveLength(3);
  });
});
