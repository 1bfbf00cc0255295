import { describe, expect, it } from "vitest";
import { encodeWhole } from "../../bindings/codec/writer.ts";
import { protectPrivate } from "../../bindings/framing/privatemessage.ts";
import { WireFormat } from "../../bindings/message/constants.ts";
import { withEncoded } from "../../bindings/message/encoded.ts";
import { type FramedContent, writeFramedContent } from "../../bindings/message/framing.ts";
import { decodeMLSMessage, encodeMLSMessage } from "../../bindings/message/mlsmessage.ts";
import type { PublicMessage } from "../../bindings/message/framing.ts";
import { systemRandom } from "../../bindings/crypto/random.ts";
import { refusalOf, forge, groupOf, rulesOf } from "../support/forge.ts";

type Group = ReturnType<typeof groupOf>["groups"][number];

const remove = { kind: "proposal", proposal: { kind: "remove", removed: 0 } } as const;

function publicMessage(bytes: Uint8Array): PublicMessage {
  const decoded = decodeMLSMessage(bytes);
  if (decoded.kind !== "publicMessage") throw new Error(`a ${decoded.kind}`);
  return decoded.publicMessage;
}

function retagged(bytes: Uint8Array, membershipTag: Uint8Array): Uint8Array {
  return encodeMLSMessage({ kind: "publicMessage", publicMessage: { ...publicMessage(bytes), membershipTag } });
}

/** A PrivateMessage of a member whose signature is not its own. */
function unsigned({ state }: Group, text: string): Uint8Array {
  const { groupId, epoch } = state.epoch.groupContext;
  const framed: FramedContent = {
    groupId,
    epoch,
    sender: { kind: "member", leafIndex: state.ownLeafIndex },
    authenticatedData: new Uint8Array(0),
    content: { kind: "application", applicationData: new TextEncoder().encode(text) },
  };
  const content = withEncoded(framed, encodeWhole(framed, writeFramedContent));
  const auth = { signature: new Uint8Array(64), confirmationTag: undefined };
  const authenticated = { wireFormat: WireFormat.privateMessage, content, auth };
  const { message } = protectPrivate(state.suite, authenticated, state.epoch.secrets, systemRandom);
  return encodeMLSMessage({ kind: "privateMessage", privateMessage: message });
}

describe("a message is refused for", () => {
  it("MLS-6-09: another group, a past epoch, a future one", () => {
    const { groups } = groupOf("alice", "bob");
    const [alice, bob] = groups;
    const { epoch } = alice!;
    const refusal = (changes: Parameters<typeof forge>[2]): string =>
      refusalOf(() => bob!.receive(forge(alice!, remove, changes))).code;
    for (const format of ["public", "private"] as const) {
      expect(refusal({ groupId: Uint8Array.of(1), format })).toBe("ERR_WRONG_GROUP");
      for (const other of [0n, epoch - 1n, epoch + 1n, 2n ** 63n, 2n ** 64n - 1n]) {
        if (other !== epoch) expect(refusal({ epoch: other, format })).toBe("ERR_WRONG_EPOCH");
      }
    }
  });

  it("MLS-6.1-03: a sender that is no member, at every edge of uint32", () => {
    const { groups } = groupOf("alice", "bob", "carol");
    const [alice, bob] = groups;
    for (const leafIndex of [3, 4, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1]) {
      const error = refusalOf(() => bob!.receive(forge(alice!, remove, { sender: { kind: "member", leafIndex } })));
      expect(error.code).toBe("ERR_SENDER");
    }
    const asCarol = forge(alice!, remove, { sender: { kind: "member", leafIndex: 2 } });
    expect(refusalOf(() => bob!.receive(asCarol)).code).toBe("ERR_SIGNATURE");
  });

  it("MLS-6.2-02, MLS-6.2-05, DEF-01: a membership tag that is wrong, short, long or empty", () => {
    const { groups } = groupOf("alice", "bob");
    const [alice, bob] = groups;
    const honest = forge(alice!, remove);
    const tag = publicMessage(honest).membershipTag!;
    const wrong = Uint8Array.from(tag, (byte, i) => (i === 31 ? byte ^ 1 : byte));
    for (const each of [wrong, tag.subarray(0, 31), tag.subarray(0, 1), new Uint8Array(0), Uint8Array.of(...tag, 0)]) {
      expect(refusalOf(() => bob!.receive(retagged(honest, each))).code).toBe("ERR_MAC");
    }
  });

  it("MLS-6-12, MLS-12.1.8-01, MLS-6.1-05: senders from outside who may not", () => {
    const { groups } = groupOf("alice", "bob");
    const [alice, bob] = groups;
    const refusal = (content: Parameters<typeof forge>[1], sender: FramedContent["sender"]): string[] =>
      rulesOf(refusalOf(() => bob!.receive(forge(alice!, content, { sender }))));
    expect(refusal(remove, { kind: "external", senderIndex: 0 })).toContain("MLS-6.1-04");
    expect(refusal(remove, { kind: "newMemberProposal" })).toContain("MLS-6.1-06");
    const commit = { kind: "commit", commit: { proposals: [], path: undefined } } as const;
    expect(refusal(commit, { kind: "newMemberCommit" })).toContain("MLS-6.1-05");
    expect(refusal(commit, { kind: "external", senderIndex: 0 })).toContain("MLS-6-12");
    expect(refusal(commit, { kind: "newMemberProposal" })).toContain("MLS-6-12");
    expect(refusal(remove, { kind: "newMemberCommit" })).toContain("MLS-6-12");
  });

  it("MLS-9.2-04, MLS-9.2-06: a replay; and a forged message leaves the generation to the genuine one", () => {
    const { groups } = groupOf("alice", "bob", "carol");
    const [alice, bob] = groups;
    const before = bob!.state.epoch.secrets.secretTree.state(0, "application");
    expect(refusalOf(() => bob!.receive(unsigned(alice!, "forged"))).code).toBe("ERR_SIGNATURE");
    expect(bob!.state.epoch.secrets.secretTree.state(0, "application")).toEqual(before);
    const genuine = alice!.encrypt("genuine");
    const spoiled = Uint8Array.from(genuine);
    spoiled[spoiled.length - 1]! ^= 1;
    expect(refusalOf(() => bob!.receive(spoiled)).code).toBe("ERR_DECRYPT");
    expect(bob!.receive(genuine).kind).toBe("application");
    expect(refusalOf(() => bob!.receive(genuine)).code).toBe("ERR_RATCHET");
    expect(refusalOf(() => alice!.receive(genuine)).code).toBe("ERR_STATE_OWN_MESSAGE");
  });

  it("MLS-15.3-02, MLS-15.3-04: opens out of order within the window, and refuses what is too far ahead", () => {
    const { groups } = groupOf("alice", "bob");
    const [alice, bob] = groups;
    const messages = Array.from({ length: 1002 }, (_, i) => alice!.encrypt(`${i}`));
    expect(refusalOf(() => bob!.receive(messages[1001]!)).code).toBe("ERR_RATCHET");
    for (const i of [5, 2, 4, 0, 3, 1]) expect(bob!.receive(messages[i]!)).toMatchObject({ generation: i });
    expect(bob!.receive(messages[500]!)).toMatchObject({ generation: 500 });
    expect(bob!.receive(messages[490]!)).toMatchObject({ generation: 490 });
    // The window is 32 keys: the oldest are forgotten.
    expect(refusalOf(() => bob!.receive(messages[400]!)).code).toBe("ERR_RATCHET");
  });

  it("MLS-6.1-09, DEF-09: a past epoch reads with its own tree, even of a member who is gone", () => {
    const { groups } = groupOf("alice", "bob", "carol");
    const [alice, bob, carol] = groups;
    const late = carol!.encrypt("late");
    const again = carol!.encrypt("again");
    const removal = alice!.commit({ remove: [2] });
    const received = bob!.receive(removal.commit);
    if (received.kind === "commit") received.commit.accept();
    removal.accept();
    expect(bob!.receive(late)).toMatchObject({ kind: "application", sender: 2, epoch: 1n });
    for (let i = 0; i < 4; i++) {
      const refresh = alice!.commit();
      const staged = bob!.receive(refresh.commit);
      if (staged.kind === "commit") staged.commit.accept();
      refresh.accept();
    }
    // Four past epochs are kept, this one is older.
    expect(refusalOf(() => bob!.receive(again)).code).toBe("ERR_WRONG_EPOCH");
    const { commit } = carol!.commit();
    expect(refusalOf(() => bob!.receive(commit)).code).toBe("ERR_WRONG_EPOCH");
  });
});
