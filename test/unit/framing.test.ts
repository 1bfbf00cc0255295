// The rules of RFC 9420, section 6, that need the epoch alone.
import { beforeEach, describe, expect, it } from "vitest";
import { Engine } from "../../bindings/core/engine.ts";
import { sealUnder } from "../../bindings/crypto/hash.ts";
import { systemRandom } from "../../bindings/crypto/random.ts";
import { generateSignatureKeyPair, type SignatureKeyPair, signWithLabel } from "../../bindings/crypto/signature.ts";
import { type CipherSuite, cipherSuite } from "../../bindings/crypto/suite.ts";
import {
  checkDestination,
  type SenderKeys,
  signFramedContent,
  verifyAuthenticatedContent,
} from "../../bindings/framing/authenticated.ts";
import {
  openPrivate,
  openSenderData,
  protectPrivate,
  type SealedMessage,
  unprotectPrivate,
} from "../../bindings/framing/privatemessage.ts";
import { protectPublic, unprotectPublic } from "../../bindings/framing/publicmessage.ts";
import { defaultLimits } from "../../bindings/limits.ts";
import { WireFormat } from "../../bindings/message/constants.ts";
import {
  type AuthenticatedContent,
  authenticatedContentTbm,
  type Content,
  type FramedContent,
  framedContentTbs,
  type Sender,
} from "../../bindings/message/framing.ts";
import type { GroupContext } from "../../bindings/message/groupcontext.ts";
import {
  encodePrivateContentAAD,
  encodeSenderData,
  encodeSenderDataAAD,
  encodePrivateMessageContent,
  type PrivateMessage,
} from "../../bindings/message/privatemessage.ts";
import { encodeMLSMessage } from "../../bindings/message/mlsmessage.ts";
import { EpochSecrets } from "../../bindings/schedule/epoch.ts";
import { toHex, utf8 } from "../support/bytes.ts";

const groupContext: GroupContext = {
  version: 1,
  cipherSuite: 1,
  groupId: utf8("group"),
  epoch: 5n,
  treeHash: new Uint8Array(32).fill(1),
  confirmedTranscriptHash: new Uint8Array(32).fill(2),
  extensions: [],
};
const remove: Content = { kind: "proposal", proposal: { kind: "remove", removed: 2 } };
const text: Content = { kind: "application", applicationData: utf8("hello") };
const commit: Content = { kind: "commit", commit: { proposals: [], path: undefined } };
const member = (leafIndex: number): Sender => ({ kind: "member", leafIndex });
const failing = (code: string, rule?: string) =>
  expect.objectContaining(rule === undefined ? { code } : { code, rule });

const engine = new Engine();
let suite: CipherSuite;
let alice: SignatureKeyPair;
let bob: SignatureKeyPair;
let ours: EpochSecrets;
let theirs: EpochSecrets;
let keys: SenderKeys;
let seed: Uint8Array;

beforeEach(() => {
  suite = cipherSuite(engine, 1);
  alice = generateSignatureKeyPair(suite, systemRandom);
  bob = generateSignatureKeyPair(suite, systemRandom);
  seed = systemRandom(32);
  const create = (): EpochSecrets => EpochSecrets.create(suite, () => seed, { leafCount: 4, limits: defaultLimits });
  ours = create();
  theirs = create();
  // Leaf 0 Alice, leaf 1 Bob, leaf 2 blank; leaf 3 Alice's key once more.
  keys = {
    member: (leafIndex) => [alice.publicKey, bob.publicKey, undefined, alice.publicKey][leafIndex],
    external: (senderIndex) => (senderIndex === 0 ? bob.publicKey : undefined),
  };
});

function framed(content: Content, sender: Sender = member(0), changes: Partial<FramedContent> = {}): FramedContent {
  return { groupId: groupContext.groupId, epoch: 5n, sender, authenticatedData: utf8("aad"), content, ...changes };
}

function signed(
  wireFormat: number,
  content: FramedContent,
  keyPair = alice,
  context = groupContext,
): AuthenticatedContent {
  return {
    wireFormat,
    content,
    auth: {
      signature: signFramedContent(suite, keyPair, wireFormat, content, context),
      confirmationTag: content.content.kind === "commit" ? new Uint8Array(32) : undefined,
    },
  };
}

describe("verifying AuthenticatedContent", () => {
  const verify = (authenticated: AuthenticatedContent, context = groupContext): void =>
    verifyAuthenticatedContent(suite, authenticated, context, keys);

  it("MLS-6.1-02: binds members and external joiners to the GroupContext, others not", () => {
    const elsewhere = { ...groupContext, treeHash: new Uint8Array(32).fill(9) };
    const message = signed(WireFormat.publicMessage, framed(remove));
    verify(message);
    expect(() => verify(message, elsewhere)).toThrow(failing("ERR_SIGNATURE"));
    const external = signed(WireFormat.publicMessage, framed(remove, { kind: "external", senderIndex: 0 }), bob);
    verify(external);
    verify(external, elsewhere);
  });

  it("MLS-6.1-07: refuses every changed field, another key, another label, another length", () => {
    const message = signed(WireFormat.publicMessage, framed(remove));
    const changed: Partial<FramedContent>[] = [
      { groupId: utf8("other") },
      { epoch: 6n },
      { sender: member(1) },
      { authenticatedData: utf8("AAD") },
      { content: { kind: "proposal", proposal: { kind: "remove", removed: 3 } } },
      { content: commit },
    ];
    for (const change of changed) {
      const content = { ...message.content, ...change };
      expect(() => verify({ ...message, content })).toThrow(failing("ERR_SIGNATURE", "MLS-6.1-07"));
    }
    // MLS-6-10: the same content, framed as the other wire format.
    expect(() => verify({ ...message, wireFormat: WireFormat.privateMessage })).toThrow(failing("ERR_SIGNATURE"));
    const { signature } = message.auth;
    for (const wrong of [new Uint8Array(), signature.subarray(1), Uint8Array.of(...signature, 0)]) {
      expect(() => verify({ ...message, auth: { ...message.auth, signature: wrong } })).toThrow(
        failing("ERR_SIGNATURE"),
      );
    }
    // MLS-5.1.2-04
    const tbs = framedContentTbs(WireFormat.publicMessage, message.content, groupContext);
    const mislabelled = signWithLabel(suite, alice, "GroupInfoTBS", tbs);
    expect(() => verify({ ...message, auth: { ...message.auth, signature: mislabelled } })).toThrow(
      failing("ERR_SIGNATURE"),
    );
  });

  it("MLS-6.1-03, MLS-6.1-04: needs a sender who is there", () => {
    const from = (sender: Sender): AuthenticatedContent => ({
      ...signed(WireFormat.publicMessage, framed(remove)),
      content: framed(remove, sender),
    });
    for (const leafIndex of [2, 4, 0xffffffff]) {
      expect(() => verify(from(member(leafIndex)))).toThrow(
        expect.objectContaining({ code: "ERR_SENDER", rule: "MLS-6.1-03", leafIndex }),
      );
    }
    expect(() => verify(from({ kind: "external", senderIndex: 1 }))).toThrow(failing("ERR_SENDER", "MLS-6.1-04"));
  });

  it("MLS-6.1-04: external senders may send what the registry allows", () => {
    const sender: Sender = { kind: "external", senderIndex: 0 };
    const forbidden: Content = { kind: "proposal", proposal: { kind: "externalInit", kemOutput: new Uint8Array(32) } };
    expect(() => verify(signed(WireFormat.publicMessage, framed(forbidden, sender), bob))).toThrow(
      failing("ERR_SENDER", "MLS-6.1-04"),
    );
  });

  it("MLS-6-12: refuses every pair of sender and content outside the matrix, before the signature", () => {
    const allowed = new Map<Sender["kind"], Content[]>([
      ["member", [text, remove, commit]],
      ["external", [remove]],
      ["newMemberProposal", [remove]],
      ["newMemberCommit", [commit]],
    ]);
    for (const [kind, contents] of allowed) {
      const sender = { kind, leafIndex: 0, senderIndex: 0 } as Sender;
      for (const content of [text, remove, commit]) {
        if (contents.includes(content)) continue;
        const auth = { signature: new Uint8Array(64), confirmationTag: undefined };
        expect(() => verify({ wireFormat: 1, content: framed(content, sender), auth })).toThrow(
          failing("ERR_SENDER", "MLS-6-12"),
        );
      }
    }
  });

  it("MLS-6.1-05, MLS-6.1-06: a new member's key comes from its path or its Add", () => {
    const auth = { signature: new Uint8Array(64), confirmationTag: undefined };
    const from = (kind: "newMemberCommit" | "newMemberProposal", content: Content) => (): void =>
      verify({ wireFormat: 1, content: framed(content, { kind }), auth });
    expect(from("newMemberCommit", commit)).toThrow(failing("ERR_COMMIT", "MLS-6.1-05"));
    expect(from("newMemberProposal", remove)).toThrow(failing("ERR_SENDER", "MLS-6.1-06"));
  });

  it("MLS-6-09: asks for this group and this epoch", () => {
    checkDestination({ groupId: utf8("group"), epoch: 5n }, groupContext);
    for (const groupId of [utf8("grou"), utf8("groups"), utf8("Group"), new Uint8Array()]) {
      expect(() => checkDestination({ groupId, epoch: 5n }, groupContext)).toThrow(failing("ERR_WRONG_GROUP"));
    }
    for (const epoch of [4n, 6n, 2n ** 64n - 1n]) {
      expect(() => checkDestination({ groupId: utf8("group"), epoch }, groupContext)).toThrow(
        failing("ERR_WRONG_EPOCH", "MLS-6-09"),
      );
    }
  });
});

describe("PublicMessage", () => {
  const unprotect = (message: ReturnType<typeof protectPublic>): AuthenticatedContent =>
    unprotectPublic(suite, message, groupContext, theirs.membershipKey, keys);
  const protect = (authenticated: AuthenticatedContent) =>
    protectPublic(suite, authenticated, groupContext, ours.membershipKey);

  it("MLS-6.2-01, MLS-6.2-02, MLS-6.2-05: carries a membership tag that must match whole", () => {
    const message = protect(signed(WireFormat.publicMessage, framed(remove)));
    expect(unprotect(message).content.content).toEqual(remove);
    const tag = message.membershipTag!;
    for (const wrong of [
      new Uint8Array(),
      tag.subarray(0, 31),
      Uint8Array.of(...tag, 0),
      tag.map((byte) => byte ^ 1),
    ]) {
      expect(() => unprotect({ ...message, membershipTag: wrong })).toThrow(failing("ERR_MAC", "MLS-6.2-02"));
    }
    const changed = { ...message, content: framed(remove, member(0), { authenticatedData: utf8("x") }) };
    expect(() => unprotect(changed)).toThrow(failing("ERR_MAC"));
  });

  it("MLS-6.2-04, MLS-6.2-06: looks at the tag before the signature, and at the signature all the same", () => {
    const forged = signed(WireFormat.publicMessage, framed(remove), bob);
    expect(() => unprotect({ ...protect(forged), membershipTag: new Uint8Array(32) })).toThrow(failing("ERR_MAC"));
    expect(() => unprotect(protect(forged))).toThrow(failing("ERR_SIGNATURE", "MLS-6.1-07"));
    expect(authenticatedContentTbm(forged, groupContext).length).toBeGreaterThan(0);
  });

  it("MLS-6.2-03: has no tag from others than members", () => {
    const external = signed(WireFormat.publicMessage, framed(remove, { kind: "external", senderIndex: 0 }), bob);
    const message = protectPublic(suite, external, groupContext, undefined);
    expect(message.membershipTag).toBeUndefined();
    expect(unprotect(message).content.sender).toEqual({ kind: "external", senderIndex: 0 });
  });

  it("MLS-6-05: never carries application data", () => {
    const authenticated = signed(WireFormat.publicMessage, framed(text));
    expect(() => protect(authenticated)).toThrow(failing("ERR_USAGE", "MLS-6-05"));
    const { content, auth } = authenticated;
    expect(() => unprotect({ content, auth, membershipTag: new Uint8Array(32) })).toThrow(
      failing("ERR_SENDER", "MLS-6-05"),
    );
  });

  it("refuses content signed for the other wire format", () => {
    expect(() => protect(signed(WireFormat.privateMessage, framed(remove)))).toThrow(TypeError);
  });
});

describe("PrivateMessage", () => {
  const seal = (content: Content = text, keyPair = alice, sender = member(0), padding = 0): SealedMessage =>
    protectPrivate(
      suite,
      signed(WireFormat.privateMessage, framed(content, sender), keyPair),
      ours,
      systemRandom,
      () => padding,
    );
  const receive = (message: PrivateMessage, ownLeaf: number | undefined = 1) =>
    unprotectPrivate(suite, message, groupContext, theirs, keys, ownLeaf);

  // What an insider can send: any plaintext under any sender data.
  function insider(plaintext: Uint8Array, leafIndex = 0, senderData?: Uint8Array): PrivateMessage {
    const header = {
      groupId: groupContext.groupId,
      epoch: 5n,
      contentType: "application" as const,
      authenticatedData: utf8("aad"),
    };
    const reuseGuard = Uint8Array.of(1, 2, 3, 4);
    const aad = encodePrivateContentAAD(header);
    const { generation, ciphertext } = ours.secretTree.seal(leafIndex, "application", reuseGuard, aad, plaintext);
    const encryptedSenderData = sealUnder(
      suite,
      ours.senderDataSecret,
      ciphertext.subarray(0, 32),
      encodeSenderDataAAD(header),
      senderData ?? encodeSenderData({ leafIndex, generation, reuseGuard }),
    );
    return { ...header, ciphertext, encryptedSenderData };
  }

  const plain = (keyPair = alice, padding = 0): Uint8Array => {
    const { content, auth } = signed(WireFormat.privateMessage, framed(text), keyPair);
    return encodePrivateMessageContent({ content: content.content, auth, padding });
  };

  it("carries application data, proposals and commits, each from its own ratchet", () => {
    const positions = [seal(text), seal(remove), seal(commit), seal(text)].map(({ message, position }) => {
      const opened = receive(message);
      expect(opened.position).toEqual(position);
      expect(opened.authenticated.content.sender).toEqual(member(0));
      expect(opened.authenticated.content.authenticatedData).toEqual(utf8("aad"));
      return `${position.ratchet} ${position.generation}`;
    });
    expect(positions).toEqual(["application 0", "handshake 0", "handshake 1", "application 1"]);
  });

  it("is encoded where it was sealed, whatever its length", () => {
    for (const length of [0, 1, 40, 200, 16_200, 16_384, 65_536, 200_000]) {
      for (const padding of [0, 1, 300]) {
        const applicationData = new Uint8Array(length).fill(length);
        const { message, encoded } = seal({ kind: "application", applicationData }, alice, member(0), padding);
        expect(toHex(encoded)).toBe(toHex(encodeMLSMessage({ kind: "privateMessage", privateMessage: message })));
        expect(encoded.buffer.byteLength).toBe(encoded.length);
        expect(receive(message).authenticated.content.content).toEqual({ kind: "application", applicationData });
      }
    }
  });

  it("refuses room of another length for the ciphertext, before a generation is used up", () => {
    const guard = new Uint8Array(4);
    for (const length of [20, 22]) {
      const room = new Uint8Array(length);
      expect(() => ours.secretTree.seal(0, "application", guard, guard, utf8("hello"), 0, room)).toThrow(RangeError);
    }
    expect(ours.secretTree.state(0, "application").generation).toBe(0);
  });

  it("MLS-9.2-04, MLS-15.3-04: refuses a replay", () => {
    const { message } = seal();
    receive(message);
    expect(() => receive(message)).toThrow(failing("ERR_RATCHET", "MLS-9.2-04"));
  });

  it("MLS-6.3.1-04: takes a fresh reuse guard each time, and puts it into nonce and sender data", () => {
    const guards = Array.from({ length: 4 }, () => openSenderData(suite, seal().message, theirs).reuseGuard);
    expect(new Set(guards.map(String)).size).toBe(4);
  });

  it("MLS-6.3.1-06, MLS-6.3.1-09, MLS-6.3.2-03: binds every field of the header", () => {
    const { message } = seal();
    const bent: PrivateMessage[] = [
      { ...message, authenticatedData: utf8("x") },
      { ...message, contentType: "proposal" },
      { ...message, ciphertext: message.ciphertext.map((byte, i) => (i === 40 ? byte ^ 1 : byte)) },
      { ...message, ciphertext: message.ciphertext.map((byte, i) => (i === 0 ? byte ^ 1 : byte)) },
      { ...message, ciphertext: message.ciphertext.subarray(0, 31) },
      { ...message, ciphertext: new Uint8Array() },
      { ...message, encryptedSenderData: message.encryptedSenderData.map((byte) => byte ^ 1) },
      { ...message, encryptedSenderData: new Uint8Array(15) },
      { ...message, encryptedSenderData: new Uint8Array() },
    ];
    for (const wrong of bent) expect(() => receive(wrong)).toThrow(failing("ERR_DECRYPT"));
    expect(() => receive({ ...message, epoch: 4n })).toThrow(failing("ERR_WRONG_EPOCH"));
    expect(() => receive({ ...message, groupId: utf8("x") })).toThrow(failing("ERR_WRONG_GROUP"));
    // None of it has used the generation up.
    expect(receive(message).authenticated.content.content).toEqual(text);
  });

  it("MLS-6.3.1-07, MLS-9.2-06: a message of an insider with a bad signature does not burn the honest one's generation", () => {
    // The honest sender and the forger both hold generation 0.
    const honest = seal().message;
    const mallory = EpochSecrets.create(suite, () => seed, { leafCount: 4, limits: defaultLimits });
    const authenticated = signed(WireFormat.privateMessage, framed(text), bob);
    const forged = protectPrivate(suite, authenticated, mallory, systemRandom);
    expect(forged.position).toEqual({ leafIndex: 0, ratchet: "application", generation: 0 });
    expect(() => receive(forged.message)).toThrow(failing("ERR_SIGNATURE"));
    expect(theirs.secretTree.state(0, "application").generation).toBe(0);
    expect(receive(honest).position.generation).toBe(0);
  });

  it("MLS-6.3.1-02, MLS-6.3.1-03, MLS-6.3.1-11: padding is zero, content decodes, or it is malformed and nothing is used up", () => {
    expect(receive(seal(text, alice, member(0), 1000).message).authenticated.content.content).toEqual(text);
    const plaintext = plain();
    const wrong = [
      Uint8Array.of(...plaintext, 0, 1),
      Uint8Array.of(...plaintext, 0x80),
      plaintext.subarray(0, plaintext.length - 1),
      new Uint8Array(),
      Uint8Array.of(0xff),
    ];
    for (const [i, bytes] of wrong.entries()) {
      expect(() => receive(insider(bytes))).toThrow(failing("ERR_MALFORMED"));
      expect(theirs.secretTree.state(0, "application").generation).toBe(1);
      expect(ours.secretTree.state(0, "application").generation).toBe(2 + i);
    }
    expect(receive(insider(plain(alice, 3))).authenticated.content.content).toEqual(text);
  });

  it("MLS-6.3.2-05: sender data with bytes left over is malformed", () => {
    const long = Uint8Array.of(...encodeSenderData({ leafIndex: 0, generation: 0, reuseGuard: new Uint8Array(4) }), 0);
    expect(() => receive(insider(plain(), 0, long))).toThrow(failing("ERR_MALFORMED", "MLS-6.3.2-05"));
  });

  it("MLS-6.3.2-04, MLS-6.3.2-07: a blank leaf or one outside the tree is refused before the secret tree is asked", () => {
    const claim = (leafIndex: number): PrivateMessage =>
      insider(plain(), 0, encodeSenderData({ leafIndex, generation: 0, reuseGuard: Uint8Array.of(1, 2, 3, 4) }));
    theirs.secretTree.wipe();
    for (const leafIndex of [2, 4, 0x80000000, 0xffffffff]) {
      expect(() => receive(claim(leafIndex))).toThrow(
        expect.objectContaining({ code: "ERR_SENDER", rule: "MLS-6.3.2-04", leafIndex }),
      );
    }
  });

  it("MLS-15.3-02: generation 2^32-1 in the sender data is refused", () => {
    const claim = encodeSenderData({ leafIndex: 0, generation: 0xffffffff, reuseGuard: Uint8Array.of(1, 2, 3, 4) });
    expect(() => receive(insider(plain(), 0, claim))).toThrow(failing("ERR_RATCHET", "MLS-15.3-02"));
  });

  it("MLS-6.3.2-06: tells a message that claims to be our own", () => {
    expect(() => receive(seal().message, 0)).toThrow(
      expect.objectContaining({ code: "ERR_STATE_OWN_MESSAGE", rule: "MLS-6.3.2-06", leafIndex: 0 }),
    );
  });

  it("MLS-6-10: verifies under the sender that the sender data name", () => {
    const opened = openPrivate(suite, insider(plain(bob), 3), groupContext, theirs, keys, 1);
    expect(opened.authenticated.content.sender).toEqual(member(3));
    expect(opened.authenticated.wireFormat).toBe(WireFormat.privateMessage);
    // Alice's signature as leaf 0 does not hold for leaf 3, though the key is the same.
    expect(() => receive(insider(plain(alice), 3))).toThrow(failing("ERR_SIGNATURE"));
  });

  it("MLS-6.3.2-01: only members send it", () => {
    const external = signed(WireFormat.privateMessage, framed(remove, { kind: "external", senderIndex: 0 }), bob);
    expect(() => protectPrivate(suite, external, ours, systemRandom)).toThrow(failing("ERR_USAGE", "MLS-6.3.2-01"));
    const wrongFormat = signed(WireFormat.publicMessage, framed(remove));
    expect(() => protectPrivate(suite, wrongFormat, ours, systemRandom)).toThrow(TypeError);
  });

  it("uses no generation up when the source of randomness fails", () => {
    const authenticated = signed(WireFormat.privateMessage, framed(text));
    const broken = (): never => {
      throw new Error("no entropy");
    };
    expect(() => protectPrivate(suite, authenticated, ours, broken)).toThrow(failing("ERR_RANDOM"));
    expect(ours.secretTree.state(0, "application").generation).toBe(0);
  });
});
