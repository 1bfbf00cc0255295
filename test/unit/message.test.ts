// The rules that a message breaks by its form alone. Encodings are made by hand or by changing
// valid ones at a known place.
import { describe, expect, it } from "vitest";
import { defaultContext, type DecodeContext } from "../../bindings/codec/context.ts";
import { encodeWhole } from "../../bindings/codec/writer.ts";
import { decodeCommit, encodeCommit } from "../../bindings/message/commit.ts";
import { extensionPlaces, proposalTraits, type ExtensionPlace } from "../../bindings/message/constants.ts";
import {
  checkExtensions,
  decodeApplicationId,
  decodeExternalPub,
  decodeExternalSenders,
  decodeRequiredCapabilities,
  encodeApplicationId,
  encodeExternalPub,
  encodeExternalSenders,
  encodeRequiredCapabilities,
  findExtension,
} from "../../bindings/message/extension.ts";
import { isContentAllowed, type PublicMessage, type Sender } from "../../bindings/message/framing.ts";
import { decodeGroupContext, encodeGroupContext } from "../../bindings/message/groupcontext.ts";
import { decodeGroupInfo, encodeGroupInfo, groupInfoTbs } from "../../bindings/message/groupinfo.ts";
import {
  decodeKeyPackage,
  encodeKeyPackage,
  keyPackageTbs,
  signKeyPackage,
} from "../../bindings/message/keypackage.ts";
import { decodeMLSMessage, encodeMLSMessage } from "../../bindings/message/mlsmessage.ts";
import { decodeProposal, encodeProposal, proposalTypeOf } from "../../bindings/message/proposals.ts";
import { decodeRatchetTree, encodeRatchetTree } from "../../bindings/message/ratchettree.ts";
import { decodeUpdatePath, encodeUpdatePath } from "../../bindings/message/updatepath.ts";
import {
  decodeGroupSecrets,
  decodeWelcome,
  encodeGroupSecrets,
  encodeWelcome,
} from "../../bindings/message/welcome.ts";
import { toHex } from "../support/bytes.ts";
import { extension, leafBytes, u16, u64, vector } from "../support/leaf.ts";
import * as samples from "../support/samples.ts";

const bytesOf = (...parts: (number | number[] | Uint8Array)[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === "number" ? [part] : [...part])));
const fault = (code: string, rule: string): unknown => expect.objectContaining({ code, rule });
const malformed = (rule: string): unknown => fault("ERR_MALFORMED", rule);

/** The bytes with one of them changed; fails if it had that value already. */
function changed(bytes: Uint8Array, at: number, value: number): Uint8Array {
  expect(bytes[at]).not.toBe(value);
  return bytes.with(at, value);
}

describe("every struct", () => {
  const roundTrip = <T>(value: T, encode: (value: T) => Uint8Array, decode: (bytes: Uint8Array) => T): void => {
    const bytes = encode(value);
    const back = decode(bytes);
    expect(back).toEqual(value);
    expect(toHex(encode(back))).toBe(toHex(bytes));
  };

  it("comes back equal from its own encoding", () => {
    for (const message of samples.mlsMessages) roundTrip(message, encodeMLSMessage, decodeMLSMessage);
    for (const proposal of samples.proposals) roundTrip(proposal, encodeProposal, decodeProposal);
    roundTrip(samples.commit, encodeCommit, decodeCommit);
    roundTrip({ proposals: [], path: undefined }, encodeCommit, decodeCommit);
    roundTrip(samples.keyPackage, encodeKeyPackage, decodeKeyPackage);
    roundTrip(samples.groupContext, encodeGroupContext, decodeGroupContext);
    roundTrip(samples.groupInfo, encodeGroupInfo, decodeGroupInfo);
    roundTrip(samples.updatePath, encodeUpdatePath, decodeUpdatePath);
    roundTrip(samples.welcome, encodeWelcome, decodeWelcome);
    roundTrip(samples.groupSecrets, encodeGroupSecrets, decodeGroupSecrets);
    roundTrip({ ...samples.groupSecrets, pathSecret: undefined }, encodeGroupSecrets, decodeGroupSecrets);
    roundTrip(samples.ratchetTree, encodeRatchetTree, decodeRatchetTree);
  });

  it("DEF-16 keeps the bytes it came from, and a changed copy does not", () => {
    const bytes = encodeKeyPackage(samples.keyPackage);
    const keyPackage = decodeKeyPackage(bytes);
    expect(toHex(keyPackage.encoded!)).toBe(toHex(bytes));
    const other = { ...keyPackage, signature: Uint8Array.of(1) };
    expect(other.encoded).toBeUndefined();
    expect(toHex(encodeKeyPackage(other))).not.toBe(toHex(bytes));
    const context = decodeGroupContext(encodeGroupContext(samples.groupContext));
    expect(decodeGroupContext(encodeGroupContext({ ...context, epoch: 9n })).epoch).toBe(9n);
    const commit = decodeCommit(encodeCommit(samples.commit));
    expect(toHex(commit.path!.encoded!)).toBe(toHex(encodeUpdatePath(samples.updatePath)));
  });

  it("MLS-10-05 is signed without its signature, whether received or made here", () => {
    for (const [value, encode, decode, tbs] of [
      [samples.keyPackage, encodeKeyPackage, decodeKeyPackage, keyPackageTbs],
      [samples.groupInfo, encodeGroupInfo, decodeGroupInfo, groupInfoTbs],
    ] as unknown as [
      never,
      (value: never) => Uint8Array,
      (bytes: Uint8Array) => never,
      (value: never) => Uint8Array,
    ][]) {
      const bytes = encode(value);
      const unsigned = bytes.subarray(0, bytes.length - 66); // 64 bytes of signature and a header of two
      expect(toHex(tbs(value))).toBe(toHex(unsigned));
      expect(toHex(tbs(decode(bytes)))).toBe(toHex(unsigned));
    }
  });
});

describe("a key package that is signed", () => {
  it("MLS-10-05 is what its encoding says, over which the signature is", () => {
    const { signature, ...content } = samples.keyPackage;
    let tbs = "";
    const made = signKeyPackage(content, (unsigned) => {
      tbs = toHex(unsigned);
      return signature;
    });
    expect(tbs).toBe(toHex(keyPackageTbs(content)));
    expect(toHex(made.encoded)).toBe(toHex(encodeKeyPackage(samples.keyPackage)));
    expect(decodeKeyPackage(made.encoded)).toEqual(made);
  });
});

describe("MLSMessage", () => {
  const welcome = encodeMLSMessage({ kind: "welcome", welcome: samples.welcome });

  it("MLS-6-01 knows one version", () => {
    for (const version of [0, 2, 0x0100, 0xffff]) {
      const bytes = bytesOf(u16(version), welcome.subarray(2));
      expect(() => decodeMLSMessage(bytes)).toThrow(fault("ERR_UNSUPPORTED", "MLS-6-01"));
    }
  });

  it("MLS-6-02 MLS-17.2-01 knows wire formats 1 to 5", () => {
    for (const format of [0, 6, 0xf000, 0xffff]) {
      const bytes = bytesOf(u16(1, format), welcome.subarray(4));
      expect(() => decodeMLSMessage(bytes)).toThrow(fault("ERR_UNSUPPORTED", "MLS-6-02"));
    }
  });

  it("MLS-2.1.2-06 ends with its body", () => {
    expect(() => decodeMLSMessage(bytesOf(welcome, 0))).toThrow(malformed("MLS-2.1.2-06"));
  });

  it("MLS-10-06 carries a key package of its own version", () => {
    const keyPackage = encodeKeyPackage({ ...samples.keyPackage, version: 2 });
    expect(decodeKeyPackage(keyPackage).version).toBe(2);
    expect(() => decodeMLSMessage(bytesOf(u16(1, 5), keyPackage))).toThrow(fault("ERR_KEY_PACKAGE", "MLS-10-06"));
  });

  it("DEF-12 may be long only if it can grow with the group", () => {
    for (const message of samples.mlsMessages) {
      const bytes = encodeMLSMessage(message);
      const context: DecodeContext = {
        ...defaultContext,
        limits: { ...defaultContext.limits, messageBytes: bytes.length - 1 },
      };
      const content = message.kind === "publicMessage" ? message.publicMessage.content.content.kind : message.kind;
      const decode = (): unknown => decodeMLSMessage(bytes, context);
      if (["proposal", "application", "keyPackage"].includes(content)) {
        expect(decode).toThrow(fault("ERR_LIMIT", "DEF-12"));
      } else {
        expect(decode).not.toThrow();
      }
    }
    const proposal = encodeMLSMessage({
      kind: "privateMessage",
      privateMessage: { ...samples.privateMessage, contentType: "proposal" },
    });
    const context: DecodeContext = { ...defaultContext, limits: { ...defaultContext.limits, messageBytes: 100 } };
    expect(() => decodeMLSMessage(proposal, context)).toThrow(fault("ERR_LIMIT", "DEF-12"));
  });
});

describe("FramedContent and PublicMessage", () => {
  const message = (sender: Sender, content: PublicMessage["content"]["content"]): Uint8Array =>
    encodeMLSMessage({
      kind: "publicMessage",
      publicMessage: {
        content: samples.framed(content, sender),
        auth: {
          signature: Uint8Array.of(1),
          confirmationTag: content.kind === "commit" ? Uint8Array.of(2) : undefined,
        },
        membershipTag: sender.kind === "member" ? Uint8Array.of(3) : undefined,
      },
    });
  const remove = { kind: "proposal", proposal: { kind: "remove", removed: 1 } } as const;
  const empty = { kind: "commit", commit: { proposals: [], path: undefined } } as const;
  // version, wire format, group_id<16>, epoch
  const senderAt = 2 + 2 + 17 + 8;

  it("MLS-6-03 knows sender types 1 to 4 and content types 1 to 3", () => {
    const bytes = message(samples.member, remove);
    expect(bytes[senderAt]).toBe(1);
    for (const type of [0, 5, 255]) {
      expect(() => decodeMLSMessage(changed(bytes, senderAt, type))).toThrow(malformed("MLS-6-03"));
    }
    const contentAt = senderAt + 1 + 4 + 6;
    expect(bytes[contentAt]).toBe(2);
    for (const type of [0, 4, 255]) {
      expect(() => decodeMLSMessage(changed(bytes, contentAt, type))).toThrow(malformed("MLS-6-03"));
    }
  });

  it("MLS-6-04 has an index for members and external senders alone", () => {
    const senders: [Sender, number[]][] = [
      [{ kind: "member", leafIndex: 0xffff_fffe }, [1, 255, 255, 255, 254]],
      [{ kind: "external", senderIndex: 7 }, [2, 0, 0, 0, 7]],
      [{ kind: "newMemberProposal" }, [3]],
      [{ kind: "newMemberCommit" }, [4]],
    ];
    for (const [sender, encoded] of senders) {
      const bytes = message(sender, remove);
      expect([...bytes.subarray(senderAt, senderAt + encoded.length)]).toEqual(encoded);
      // authenticated_data follows at once
      expect(bytes[senderAt + encoded.length]).toBe(5);
      const decoded = decodeMLSMessage(bytes) as { publicMessage: PublicMessage };
      expect(decoded.publicMessage.content.sender).toEqual(sender);
    }
    // An arm of the other kind shifts everything behind it: here the index is read as a vector's length.
    const shifted = changed(message(samples.member, remove), senderAt, 3);
    expect(() => decodeMLSMessage(shifted)).toThrow(malformed("MLS-2.1.2-01"));
  });

  it("MLS-6.1-08 has a confirmation tag in commits alone", () => {
    const bytes = message({ kind: "newMemberCommit" }, empty);
    expect([...bytes.subarray(-4)]).toEqual([1, 1, 1, 2]); // signature<1>, tag<1>
    expect(() => decodeMLSMessage(bytes.subarray(0, -2))).toThrow(malformed("MLS-6.1-08"));
    const proposal = message({ kind: "external", senderIndex: 0 }, remove);
    expect(() => decodeMLSMessage(bytesOf(proposal, [1, 2]))).toThrow(malformed("MLS-6.2-03"));
    const auth = { signature: Uint8Array.of(1), confirmationTag: undefined };
    const withoutTag: PublicMessage = { content: samples.framed(empty), auth, membershipTag: Uint8Array.of(3) };
    expect(() => encodeMLSMessage({ kind: "publicMessage", publicMessage: withoutTag })).toThrow(TypeError);
  });

  it("MLS-6.2-02 has a membership tag if a member sent it", () => {
    const bytes = message(samples.member, remove);
    expect(() => decodeMLSMessage(bytes.subarray(0, -2))).toThrow(malformed("MLS-6.2-02"));
    expect(() => decodeMLSMessage(bytes.subarray(0, -1))).toThrow(malformed("MLS-6.2-02"));
  });

  it("MLS-6.2-03 has none if anyone else did", () => {
    const senders: Sender[] = [
      { kind: "external", senderIndex: 0 },
      { kind: "newMemberProposal" },
      { kind: "newMemberCommit" },
    ];
    for (const sender of senders) {
      const content = sender.kind === "newMemberCommit" ? empty : remove;
      const bytes = message(sender, content);
      expect(() => decodeMLSMessage(bytesOf(bytes, vector(new Uint8Array(32))))).toThrow(malformed("MLS-6.2-03"));
      const { publicMessage } = decodeMLSMessage(bytes) as { publicMessage: PublicMessage };
      const tagged: PublicMessage = { ...publicMessage, membershipTag: Uint8Array.of(1) };
      expect(() => encodeMLSMessage({ kind: "publicMessage", publicMessage: tagged })).toThrow(TypeError);
    }
  });

  it("MLS-6-05 decodes with application content", () => {
    const bytes = message(samples.member, { kind: "application", applicationData: Uint8Array.of(5) });
    expect(decodeMLSMessage(bytes)).toMatchObject({ publicMessage: { content: { content: { kind: "application" } } } });
  });

  it("MLS-6-12 isContentAllowed knows who may send what", () => {
    const allowed: Record<Sender["kind"], string[]> = {
      member: ["application", "proposal", "commit"],
      external: ["proposal"],
      newMemberProposal: ["proposal"],
      newMemberCommit: ["commit"],
    };
    for (const sender of [
      samples.member,
      { kind: "external", senderIndex: 0 },
      { kind: "newMemberProposal" },
      { kind: "newMemberCommit" },
    ] as Sender[]) {
      for (const type of ["application", "proposal", "commit"] as const) {
        expect(isContentAllowed(sender, type), `${sender.kind} ${type}`).toBe(allowed[sender.kind].includes(type));
      }
    }
  });
});

describe("Proposal and Commit", () => {
  it("MLS-12.1-01 refuses unknown types unless they are registered", () => {
    for (const type of [0, 8, 0x0a0a, 0xf00d]) {
      const bytes = bytesOf(u16(type), vector([1, 2, 3]));
      expect(() => decodeProposal(bytes)).toThrow(fault("ERR_UNSUPPORTED", "MLS-12.1-01"));
      const context: DecodeContext = { ...defaultContext, customProposalTypes: new Set([type]) };
      const proposal = decodeProposal(bytes, context);
      expect(proposal).toEqual({ kind: "custom", proposalType: type, data: Uint8Array.of(1, 2, 3) });
      expect(proposalTypeOf(proposal)).toBe(type);
      expect(toHex(encodeProposal(proposal))).toBe(toHex(bytes));
    }
  });

  it("MLS-12.1.5-03 reads whatever version and suite a ReInit names", () => {
    const bytes = bytesOf(u16(5), vector([1]), u16(0, 0xffff), vector(extension(0xfafa, [7])));
    expect(decodeProposal(bytes)).toMatchObject({ version: 0, cipherSuite: 0xffff });
  });

  it("MLS-12.4-01 knows ProposalOrRef types 1 and 2", () => {
    const commit = (type: number): Uint8Array => bytesOf(vector([type, ...vector([1])]), 0);
    expect(decodeCommit(commit(2)).proposals).toEqual([{ kind: "reference", reference: Uint8Array.of(1) }]);
    for (const type of [0, 3, 255]) expect(() => decodeCommit(commit(type))).toThrow(malformed("MLS-12.4-01"));
  });

  it("MLS-2.1.1-01 says by 0 or 1 whether a commit has a path", () => {
    expect(decodeCommit(bytesOf(0, 0)).path).toBeUndefined();
    expect(() => decodeCommit(bytesOf(0, 2))).toThrow(malformed("MLS-2.1.1-01"));
  });

  it("DEF-06 caps the proposals of a commit and the nodes of a path", () => {
    const commit = bytesOf(vector([2, 0, 2, 0, 2, 0]), 0);
    const context: DecodeContext = { ...defaultContext, limits: { ...defaultContext.limits, proposals: 2 } };
    expect(decodeCommit(commit).proposals.length).toBe(3);
    expect(() => decodeCommit(commit, context)).toThrow(fault("ERR_LIMIT", "DEF-06"));
    const path = (nodes: number): Uint8Array =>
      bytesOf(leafBytes({ source: [3, 0] }), vector(new Array<number>(2 * nodes).fill(0)));
    expect(decodeUpdatePath(path(32)).nodes.length).toBe(32);
    expect(() => decodeUpdatePath(path(33))).toThrow(fault("ERR_LIMIT", "DEF-06"));
  });

  it("MLS-2.1.2-03 refuses half a ciphertext for somebody else, when the path is decoded", () => {
    const path = (...opaques: number[]): Uint8Array =>
      bytesOf(leafBytes({ source: [3, 0] }), vector([1, 0xaa, ...vector(opaques)]));
    const [node] = decodeUpdatePath(path(1, 1, 1, 2, 0, 0)).nodes;
    expect(node!.encryptedPathSecret).toEqual([
      { kemOutput: bytesOf(1), ciphertext: bytesOf(2) },
      { kemOutput: bytesOf(), ciphertext: bytesOf() },
    ]);
    for (const opaques of [[0], [1, 1, 1, 2, 0], [1, 1, 1, 2, 1, 3]]) {
      expect(() => decodeUpdatePath(path(...opaques))).toThrow(malformed("MLS-2.1.2-03"));
    }
  });

  it("MLS-8.4-01 knows PSK types 1 and 2 and usages 1 to 3", () => {
    const external = (type: number): Uint8Array => bytesOf(u16(4), type, vector([1]), vector([2]));
    expect(decodeProposal(external(1))).toMatchObject({ psk: { kind: "external" } });
    for (const type of [0, 3, 255]) expect(() => decodeProposal(external(type))).toThrow(malformed("MLS-8.4-01"));
    const resumption = (usage: number): Uint8Array =>
      bytesOf(u16(4), 2, usage, vector([1]), u64(2n ** 53n + 1n), vector([2]));
    for (const [usage, name] of [
      [1, "application"],
      [2, "reinit"],
      [3, "branch"],
    ] as const) {
      expect(decodeProposal(resumption(usage))).toMatchObject({ psk: { usage: name, pskEpoch: 2n ** 53n + 1n } });
    }
    for (const usage of [0, 4, 255]) expect(() => decodeProposal(resumption(usage))).toThrow(malformed("MLS-8.4-01"));
  });

  it("MLS-17.4-01 the registry says who may send what and what needs a path", () => {
    const types = [1, 2, 3, 4, 5, 6, 7];
    expect(types.filter((type) => proposalTraits.get(type)!.external)).toEqual([1, 3, 4, 5, 7]);
    expect(types.filter((type) => proposalTraits.get(type)!.path)).toEqual([2, 3, 6, 7]);
    expect(proposalTraits.size).toBe(types.length);
  });
});

describe("extensions", () => {
  const list = (...types: number[]): number[] => vector(...types.map((type) => extension(type, [])));
  const context = (extensions: number[]): Uint8Array =>
    bytesOf(u16(1, 1), vector([1]), u64(0n), vector([]), vector([]), extensions);
  const info = (extensions: number[]): Uint8Array => bytesOf(context(list()), extensions, [0], [0, 0, 0, 0], [0]);
  const keyPackage = (extensions: number[]): Uint8Array => bytesOf(u16(1, 1), [0], leafBytes(), extensions, [0]);
  const readers: Record<ExtensionPlace, (extensions: number[]) => unknown> = {
    groupContext: (extensions) => decodeGroupContext(context(extensions)),
    groupInfo: (extensions) => decodeGroupInfo(info(extensions)),
    keyPackage: (extensions) => decodeKeyPackage(keyPackage(extensions)),
    leafNode: (extensions) => decodeKeyPackage(bytesOf(u16(1, 1), [0], leafBytes({ extensions }), [0], [0])),
  };
  const inProposal = {
    reInit: (extensions: number[]) => decodeProposal(bytesOf(u16(5), [0], u16(1, 1), extensions)),
    groupContextExtensions: (extensions: number[]) => decodeProposal(bytesOf(u16(7), extensions)),
  };

  it("MLS-17.3-01 stand where the registry wants them", () => {
    for (const [place, read] of Object.entries(readers)) {
      for (const type of [1, 2, 3, 4, 5]) {
        if (extensionPlaces.get(type) === place) expect(() => read(list(type))).not.toThrow();
        else expect(() => read(list(type)), `${type} in ${place}`).toThrow(fault("ERR_EXTENSION", "MLS-17.3-01"));
      }
      for (const type of [0, 6, 0x0a0a, 0xffff]) expect(() => read(list(type))).not.toThrow();
    }
    expect([...extensionPlaces]).toEqual([
      [1, "leafNode"],
      [2, "groupInfo"],
      [3, "groupContext"],
      [4, "groupInfo"],
      [5, "groupContext"],
    ]);
  });

  it("DEF-07 a misplaced extension is refused before its body is looked at", () => {
    for (const read of Object.values(readers)) {
      for (const type of [2, 4]) {
        if (read === readers.groupInfo) continue;
        expect(() => read(vector([...u16(type), 0xff]))).toThrow(fault("ERR_EXTENSION", "MLS-17.3-01"));
      }
    }
  });

  it("MLS-13.4-06 MLS-13.4-10 stand once in a list", () => {
    for (const read of [...Object.values(readers), ...Object.values(inProposal)]) {
      expect(() => read(list(0xf001, 0xf002, 0xf001))).toThrow(fault("ERR_EXTENSION", "MLS-13.4-06"));
    }
  });

  it("DEF-06 are at most 64 in a list", () => {
    const types = (n: number): number[] => Array.from({ length: n }, (_, i) => 0x4000 + i);
    for (const [place, read] of Object.entries({ ...readers, ...inProposal })) {
      expect(() => read(list(...types(64)))).not.toThrow();
      const rule = place === "leafNode" ? "DEF-12" : "DEF-06";
      expect(() => read(list(...types(65)))).toThrow(fault("ERR_LIMIT", rule));
    }
  });

  it("MLS-13.4-10 checkExtensions judges the lists that proposals carry", () => {
    const extensions = (...types: number[]) =>
      types.map((extensionType) => ({ extensionType, extensionData: new Uint8Array() }));
    expect(() => checkExtensions(extensions(3, 5, 0xf001), "groupContext")).not.toThrow();
    expect(() => checkExtensions(extensions(2), "groupContext")).toThrow(fault("ERR_EXTENSION", "MLS-17.3-01"));
    expect(() => checkExtensions(extensions(3, 3), "groupContext")).toThrow(fault("ERR_EXTENSION", "MLS-13.4-06"));
    expect(findExtension(extensions(3, 5), 5)).toEqual(new Uint8Array());
    expect(findExtension(extensions(3, 5), 4)).toBeUndefined();
  });

  it("MLS-2.1.2-07 use up their data", () => {
    const required = { extensionTypes: [1, 0x0a0a], proposalTypes: [], credentialTypes: [2] };
    const senders = [
      { signatureKey: Uint8Array.of(1), credential: { kind: "basic", identity: Uint8Array.of(2) } as const },
      {
        signatureKey: Uint8Array.of(3),
        credential: { kind: "x509", certificates: [Uint8Array.of(4), new Uint8Array()] } as const,
      },
    ];
    const key = Uint8Array.of(5, 6);
    for (const [value, encode, decode] of [
      [required, encodeRequiredCapabilities, decodeRequiredCapabilities],
      [senders, encodeExternalSenders, decodeExternalSenders],
      [key, encodeExternalPub, decodeExternalPub],
      [key, encodeApplicationId, decodeApplicationId],
      [samples.groupSecrets, encodeGroupSecrets, decodeGroupSecrets],
    ] as [unknown, (value: unknown) => Uint8Array, (bytes: Uint8Array) => unknown][]) {
      const bytes = encode(value);
      expect(decode(bytes)).toEqual(value);
      expect(() => decode(bytesOf(bytes, 0))).toThrow(malformed("MLS-2.1.2-07"));
      expect(() => decode(bytes.subarray(0, -1))).toThrow(expect.objectContaining({ code: "ERR_MALFORMED" }));
    }
  });

  it("MLS-5.3-01 an external sender's credential is of a known or registered type", () => {
    const bytes = bytesOf(vector([...vector([1]), ...u16(0xf00d), ...vector([7])]));
    expect(() => decodeExternalSenders(bytes)).toThrow(fault("ERR_UNSUPPORTED", "MLS-5.3-01"));
    const context: DecodeContext = { ...defaultContext, customCredentialTypes: new Set([0xf00d]) };
    const senders = decodeExternalSenders(bytes, context);
    expect(senders[0]!.credential).toEqual({ kind: "custom", credentialType: 0xf00d, data: Uint8Array.of(7) });
    expect(toHex(encodeExternalSenders(senders))).toBe(toHex(bytes));
  });
});

describe("ratchet_tree", () => {
  const parent = [1, 2, ...vector([1]), 0, 0];
  const leaf = [1, 1, ...leafBytes()];
  const tree = (...nodes: number[][]): Uint8Array => Uint8Array.from(vector(...nodes));

  it("MLS-7.8-01 knows node types 1 and 2, leaves at even places and parents at odd ones", () => {
    expect(decodeRatchetTree(tree(leaf, parent, [0], [0], leaf)).map((node) => node?.kind)).toEqual([
      "leaf",
      "parent",
      undefined,
      undefined,
      "leaf",
    ]);
    for (const type of [0, 3, 255]) {
      expect(() => decodeRatchetTree(tree([1, type, ...leaf.slice(2)]))).toThrow(malformed("MLS-7.8-01"));
    }
    expect(() => decodeRatchetTree(tree(parent))).toThrow(fault("ERR_TREE", "MLS-7.8-01"));
    expect(() => decodeRatchetTree(tree(leaf, leaf))).toThrow(fault("ERR_TREE", "MLS-7.8-01"));
  });

  it("MLS-2.1.1-01 says by 0 or 1 whether a node is blank", () => {
    expect(() => decodeRatchetTree(tree([2]))).toThrow(malformed("MLS-2.1.1-01"));
  });

  it("MLS-2.1.2-05 has unmerged leaves of four bytes", () => {
    expect(() => decodeRatchetTree(tree(leaf, [1, 2, 0, 0, ...vector([0, 0, 0])]))).toThrow(malformed("MLS-2.1.2-05"));
  });

  it("DEF-06 is no larger than the limit on leaves allows", () => {
    const context: DecodeContext = { ...defaultContext, limits: { ...defaultContext.limits, leaves: 2 } };
    expect(decodeRatchetTree(tree(leaf, [0], leaf), context).length).toBe(3);
    expect(() => decodeRatchetTree(tree(leaf, [0], [0], [0], [0]), context)).toThrow(fault("ERR_LIMIT", "DEF-06"));
  });
});

describe("encoders", () => {
  it("throw for a kind that does not exist", () => {
    expect(() => encodeCommit({ proposals: [{ kind: "other" } as never], path: undefined })).toThrow(RangeError);
    expect(() => encodeWhole(-1, (writer, value) => writer.uint32(value))).toThrow(RangeError);
  });
});
