// The figures about saved state: one snapshot, then little per change.
import type { Host } from "../scenario/host.ts";
import { plaintext } from "../scenario/protocol.ts";
import type { Figure } from "./figure.ts";

interface Records {
  readonly members: number;
  readonly snapshot: number;
  readonly commit: number;
  readonly message: number;
}

/** Bytes that a member stores in a filled group, of which `saved` is a moment. */
function recordsOf(host: Host, members: number, saved: Uint8Array): Records {
  const hosted = host.goOn(saved);
  // Once for the path, so that what follows is the steady state.
  hosted.commit();
  const snapshot = hosted.group.save().length;
  hosted.commit();
  const commit = hosted.group.takeRecord()!.length;
  hosted.group.encrypt(plaintext(0, 100));
  const message = hosted.group.takeRecord()!.length;
  hosted.close();
  return { members, snapshot, commit, message };
}

/** Growth from the smallest of these groups to each larger one. */
export function recordFigures(host: Host, moments: ReadonlyMap<number, Uint8Array>): Figure[] {
  const [least, ...others] = [...moments]
    .sort(([one], [other]) => one - other)
    .map(([members, saved]) => recordsOf(host, members, saved));
  if (least === undefined) return [];
  return others.flatMap(({ members, commit, message }): Figure[] => {
    const growth = Math.log2(members) / Math.log2(least.members);
    const size = members.toLocaleString("en");
    const as = `as at n = ${least.members.toLocaleString("en")}`;
    return [
      {
        subject: `stored per commit, n = ${size}`,
        rule: `${as}, x log n`,
        limit: (least.commit * growth) / 1024,
        measured: commit / 1024,
        unit: "KB",
      },
      {
        subject: `stored per message, n = ${size}`,
        rule: as,
        limit: least.message / 1024,
        measured: message / 1024,
        unit: "KB",
      },
    ];
  });
}
