// Structs as JSON: the same bytes come back, the schema describes what comes out, a log shows no secret.
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { encodeWhole } from "../../bindings/codec/writer.ts";
import { encodeCommit } from "../../bindings/message/commit.ts";
import { writeCredential } from "../../bindings/message/credential.ts";
import {
  encodeApplicationId,
  encodeExternalPub,
  encodeExternalSenders,
  encodeRequiredCapabilities,
} from "../../bindings/message/extension.ts";
import { encodeAuthenticatedContent, writeFramedContent, writePublicMessage } from "../../bindings/message/framing.ts";
import { encodeGroupContext } from "../../bindings/message/groupcontext.ts";
import { encodeGroupInfo } from "../../bindings/message/groupinfo.ts";
import { encodeKeyPackage } from "../../bindings/message/keypackage.ts";
import { encodeMLSMessage } from "../../bindings/message/mlsmessage.ts";
import {
  encodePrivateMessageContent,
  encodeSenderData,
  writePrivateMessage,
} from "../../bindings/message/privatemessage.ts";
import { encodeProposal } from "../../bindings/message/proposals.ts";
import { writePreSharedKeyID } from "../../bindings/message/psk.ts";
import { encodeRatchetTree, writeParentNode } from "../../bindings/message/ratchettree.ts";
import { encodeUpdatePath, writeHPKECiphertext } from "../../bindings/message/updatepath.ts";
import { encodeGroupSecrets, encodeWelcome } from "../../bindings/message/welcome.ts";
import { fromJSON, type Json, jsonSchema, type StructName, structNames, toJSON } from "../../json/index.ts";
import schema from "../../json/schema.json" with { type: "json" };
import { messageFields, messageCodecs, type MessageField } from "../../vectors/messages.ts";
import { hex, toHex, utf8 } from "../support/bytes.ts";
import { extension, u16, vector } from "../support/leaf.ts";
import * as samples from "../support/samples.ts";
import { loadVectors } from "../support/vectors.ts";

const filled = (value: number, length: number): Uint8Array => new Uint8Array(length).fill(value);
const credential = { kind: "basic", identity: filled(0xa1, 20) } as const;
const senders = encodeExternalSenders([
  { signatureKey: filled(0xa2, 32), credential },
  { signatureKey: filled(0xa3, 32), credential: { kind: "x509", certificates: [filled(0xa4, 99), filled(0xa5, 9)] } },
]);
const required = encodeRequiredCapabilities({ extensionTypes: [5], proposalTypes: [0xf00d], credentialTypes: [1] });
const leaf = samples.leaf({
  extensions: vector(
    extension(1, [...encodeApplicationId(filled(0xa6, 16))]),
    extension(0xf001, [...filled(0xa7, 24)]),
  ),
  credential: [...u16(1), ...vector(utf8("somebody@example.org"))],
});
const groupContext = {
  ...samples.groupContext,
  extensions: [
    { extensionType: 3, extensionData: required },
    { extensionType: 5, extensionData: senders },
    { extensionType: 0xf001, extensionData: filled(0xa8, 12) },
  ],
};
const groupInfo = {
  ...samples.groupInfo,
  groupContext,
  extensions: [
    { extensionType: 4, extensionData: encodeExternalPub(filled(0xa9, 32)) },
    {
      extensionType: 2,
      extensionData: encodeRatchetTree([...samples.ratchetTree, undefined, { kind: "leaf", leafNode: leaf }]),
    },
  ],
};
const applicationData = utf8("nobody else shall read this");
const authenticated = {
  wireFormat: 2,
  content: samples.framed({ kind: "application", applicationData }),
  auth: { signature: filled(0xaa, 64), confirmationTag: undefined },
};
const privateContent = (content: Parameters<typeof samples.framed>[0], confirmationTag?: Uint8Array) =>
  encodePrivateMessageContent({ content, auth: { signature: filled(0xab, 64), confirmationTag }, padding: 7 });

/** Encodings of every struct. */
const encodings: Readonly<Record<StructName, readonly Uint8Array[]>> = {
  MLSMessage: [...samples.mlsMessages, { kind: "groupInfo", groupInfo } as const].map(encodeMLSMessage),
  PublicMessage: samples.mlsMessages.flatMap((message) =>
    message.kind === "publicMessage" ? [encodeWhole(message.publicMessage, writePublicMessage)] : [],
  ),
  PrivateMessage: [encodeWhole(samples.privateMessage, writePrivateMessage)],
  Welcome: [encodeWelcome(samples.welcome)],
  GroupInfo: [samples.groupInfo, groupInfo].map(encodeGroupInfo),
  KeyPackage: [samples.keyPackage, { ...samples.keyPackage, leafNode: leaf }].map(encodeKeyPackage),
  GroupContext: [samples.groupContext, groupContext].map(encodeGroupContext),
  RatchetTree: [samples.ratchetTree, []].map(encodeRatchetTree),
  ParentNode: [
    encodeWhole(
      { encryptionKey: filled(1, 32), parentHash: filled(2, 32), unmergedLeaves: [3, 2 ** 32 - 1] },
      writeParentNode,
    ),
  ],
  LeafNode: [samples.leaf().encoded, samples.updatePath.leafNode.encoded, leaf.encoded],
  Credential: [credential, { kind: "x509", certificates: [filled(1, 300), filled(2, 0)] } as const].map((value) =>
    encodeWhole(value, writeCredential),
  ),
  Proposal: [
    ...samples.proposals,
    { kind: "groupContextExtensions", extensions: groupContext.extensions } as const,
  ].map(encodeProposal),
  Commit: [samples.commit, { proposals: [], path: undefined }].map(encodeCommit),
  UpdatePath: [encodeUpdatePath(samples.updatePath)],
  HPKECiphertext: [encodeWhole({ kemOutput: filled(1, 32), ciphertext: filled(2, 48) }, writeHPKECiphertext)],
  PreSharedKeyID: samples.psks.map((psk) => encodeWhole(psk, writePreSharedKeyID)),
  FramedContent: [encodeWhole(authenticated.content, writeFramedContent)],
  AuthenticatedContent: [encodeAuthenticatedContent(authenticated)],
  PrivateMessageContent: [privateContent({ kind: "application", applicationData })],
  SenderData: [encodeSenderData({ leafIndex: 5, generation: 2 ** 32 - 1, reuseGuard: filled(0xac, 4) })],
  GroupSecrets: [samples.groupSecrets, { ...samples.groupSecrets, pathSecret: undefined }].map(encodeGroupSecrets),
  RequiredCapabilities: [required],
  ExternalSenders: [senders],
};

const through = (json: Json): unknown => JSON.parse(JSON.stringify(json));

describe("JSON", () => {
  it.each(structNames)("of %s gives its bytes back", (name) => {
    for (const bytes of encodings[name]) {
      const json = through(toJSON(name, bytes));
      expect(toHex(fromJSON(name, json))).toBe(toHex(bytes));
      expect(through(toJSON(name, fromJSON(name, json)))).toEqual(json);
    }
  });

  it("of what a PrivateMessage held says of what kind it is", () => {
    const contents = [
      privateContent({ kind: "proposal", proposal: samples.proposals[2]! }),
      privateContent({ kind: "commit", commit: samples.commit }, filled(0xad, 32)),
    ];
    for (const [i, contentType] of (["proposal", "commit"] as const).entries()) {
      const json = toJSON("PrivateMessageContent", contents[i]!, { contentType });
      expect(json).toMatchObject({ content: { kind: contentType }, padding: 7 });
      expect(toHex(fromJSON("PrivateMessageContent", through(json)))).toBe(toHex(contents[i]!));
    }
  });

  it("keeps 64 bits, names variants, and decodes the bodies of the RFC's extensions where they belong", () => {
    const json = toJSON("MLSMessage", encodeMLSMessage({ kind: "groupInfo", groupInfo }));
    expect(json).toMatchObject({
      kind: "groupInfo",
      groupInfo: {
        groupContext: {
          epoch: "9223372036854775813",
          extensions: [
            { extensionType: 3, requiredCapabilities: { extensionTypes: [5], proposalTypes: [0xf00d] } },
            {
              extensionType: 5,
              externalSenders: [{ credential: { kind: "basic" } }, { credential: { kind: "x509" } }],
            },
            { extensionType: 0xf001, extensionData: "a8".repeat(12) },
          ],
        },
        extensions: [
          { extensionType: 4, externalPub: "a9".repeat(32) },
          {
            extensionType: 2,
            ratchetTree: [{ kind: "leaf" }, { kind: "parent" }, null, null, { kind: "leaf" }, null, {}],
          },
        ],
        signer: 0x8000_0001,
      },
    });
    // DEF-07: in the list of a ReInit, ratchet_tree is out of place; its body here would be a tree of no nodes.
    expect(toJSON("Proposal", encodeProposal(samples.proposals[7]!))).toMatchObject({
      extensions: [{ extensionType: 2, extensionData: "00" }],
    });
  });

  it("keeps the bytes of a known extension that does not decode", () => {
    const broken = { ...groupContext, extensions: [{ extensionType: 3, extensionData: filled(9, 3) }] };
    const bytes = encodeGroupContext(broken);
    const json = toJSON("GroupContext", bytes);
    expect(json).toMatchObject({ extensions: [{ extensionType: 3, extensionData: "090909" }] });
    expect(toHex(fromJSON("GroupContext", json))).toBe(toHex(bytes));
  });

  it("has proposals and credentials of the application, where it names their types", () => {
    const proposal = Uint8Array.of(0xf0, 0x01, 2, 7, 8);
    expect(() => toJSON("Proposal", proposal)).toThrow(expect.objectContaining({ code: "ERR_UNSUPPORTED" }));
    const options = { customProposals: [0xf001], customCredentials: [0xf002] };
    const json = toJSON("Proposal", proposal, options);
    expect(json).toEqual({ kind: "custom", proposalType: 0xf001, data: "0708" });
    expect(toHex(fromJSON("Proposal", json, options))).toBe(toHex(proposal));
    expect(() => fromJSON("Proposal", json)).toThrow(expect.objectContaining({ code: "ERR_UNSUPPORTED" }));
    const credentialBytes = Uint8Array.of(0xf0, 0x02, 1, 9);
    expect(toHex(fromJSON("Credential", toJSON("Credential", credentialBytes, options), options))).toBe("f0020109");
  });

  it("is made within the limits that are asked for", () => {
    const bytes = encodings.Welcome[0]!;
    const limits = { groupMessageBytes: bytes.length - 1 };
    expect(() => toJSON("Welcome", bytes, { limits })).toThrow(expect.objectContaining({ code: "ERR_LIMIT" }));
  });
});

const cases = loadVectors<Record<MessageField, string>[]>("mls/messages.json");
const structOf: Partial<Record<MessageField, StructName>> = {
  ratchet_tree: "RatchetTree",
  group_secrets: "GroupSecrets",
  commit: "Commit",
};

describe.skipIf(cases === undefined)("messages.json", () => {
  it.each(messageFields)("MLS-13.4-01 %s comes back from JSON byte for byte, 300 times", (field) => {
    const name =
      structOf[field] ?? (field.endsWith("_proposal") && !field.startsWith("public") ? "Proposal" : "MLSMessage");
    expect(cases).toHaveLength(300);
    for (const item of cases!) {
      const bytes = Uint8Array.of(...messageCodecs[field].prefix, ...hex(item[field]));
      if (toHex(fromJSON(name, through(toJSON(name, bytes)))) !== toHex(bytes)) expect.fail(`${name} ${toHex(bytes)}`);
    }
  });
});

describe("the schema", () => {
  const ajv = new Ajv2020({ strict: true, allErrors: true });
  ajv.addSchema(schema, "mls");

  it("is the one in json/schema.json; `npm run json:schema` writes it anew", () => {
    expect(schema).toEqual(through(jsonSchema() as Json));
  });

  it.each(structNames)("describes %s, and nothing with a field too many or too few", (name) => {
    const validate = ajv.compile({ $ref: `mls#/$defs/${name}` });
    const isValid = (json: unknown): boolean => validate(json);
    for (const bytes of encodings[name]) {
      const json = through(toJSON(name, bytes));
      expect(isValid(json), JSON.stringify(validate.errors)).toBe(true);
      if (Array.isArray(json)) {
        expect(isValid([...json, 1])).toBe(false);
        continue;
      }
      const object = json as Record<string, unknown>;
      expect(isValid({ ...object, surplus: 1 })).toBe(false);
      // An extension that stands decoded or not, and a tag that only some have, are no loss in every struct.
      for (const field of Object.keys(object).filter((each) => !["confirmationTag", "membershipTag"].includes(each))) {
        const less = Object.fromEntries(Object.entries(object).filter(([each]) => each !== field));
        expect(isValid(less), field).toBe(false);
      }
    }
  });

  it("refuses what reading refuses", () => {
    const validate = ajv.compile({ $ref: "mls#/$defs/PreSharedKeyID" });
    const good = { kind: "resumption", usage: "branch", pskGroupId: "00", pskEpoch: "7", pskNonce: "" };
    expect(validate(good)).toBe(true);
    for (const change of [
      { usage: "other" },
      { pskGroupId: "0" },
      { pskEpoch: 7 },
      { pskEpoch: "07" },
      { kind: "x" },
    ]) {
      expect(validate({ ...good, ...change })).toBe(false);
      expect(() => fromJSON("PreSharedKeyID", { ...good, ...change })).toThrow(
        expect.objectContaining({ code: "ERR_MALFORMED" }),
      );
    }
  });
});

describe("reading JSON", () => {
  const malformed = (message: RegExp): unknown =>
    expect.objectContaining({ code: "ERR_MALFORMED", message: expect.stringMatching(message) });
  const senderData = { leafIndex: 1, generation: 2, reuseGuard: "01020304" };

  it.each<[unknown, RegExp]>([
    [null, /^the value must be an object, but is null \[SenderData\]$/],
    [[], /the value must be an object, but is an array of 0 \[SenderData\]$/],
    [{}, /^leafIndex must be a whole number up to 4294967295, but is missing \[SenderData\]$/],
    [{ ...senderData, leafIndex: -1 }, /leafIndex .* but is a number \[/],
    [{ ...senderData, leafIndex: 2 ** 32 }, /leafIndex/],
    [{ ...senderData, leafIndex: 0.5 }, /leafIndex/],
    [{ ...senderData, generation: "2" }, /generation .* but is a string of 1 characters \[/],
    [{ ...senderData, reuseGuard: "010203" }, /^reuseGuard must be 4 bytes in hexadecimal/],
    [{ ...senderData, reuseGuard: "0102030g" }, /reuseGuard/],
    [{ ...senderData, secret: 1 }, /must be an object of leafIndex, generation, reuseGuard alone, but is an object \[/],
    [JSON.parse('{"__proto__":{},"leafIndex":1}'), /alone/],
  ])("refuses %j", (json, message) => {
    expect(() => fromJSON("SenderData", json)).toThrow(malformed(message));
  });

  it("names the place in lists and structs, and repeats nothing that stands there", () => {
    const json = through(toJSON("Commit", encodings.Commit[0]!)) as { path: { nodes: { encryptionKey: string }[] } };
    json.path.nodes[1]!.encryptionKey = "secret";
    expect(() => fromJSON("Commit", json)).toThrow(
      malformed(/^path\.nodes\[1\]\.encryptionKey must be a byte string in hexadecimal, but is a string of 6/),
    );
  });

  it("takes upper-case hexadecimal, and uint64 up to its last", () => {
    const psk = {
      kind: "resumption",
      usage: "branch",
      pskGroupId: "aB",
      pskEpoch: "18446744073709551615",
      pskNonce: "",
    };
    expect(toHex(fromJSON("PreSharedKeyID", psk))).toBe("020301abffffffffffffffff00");
    expect(() => fromJSON("PreSharedKeyID", { ...psk, pskEpoch: "18446744073709551616" })).toThrow(
      malformed(/pskEpoch/),
    );
  });

  it("refuses fields that do not go together, and structs that do not decode", () => {
    const message = through(toJSON("PublicMessage", encodings.PublicMessage[0]!)) as Record<string, unknown>;
    const untagged = { ...message };
    delete untagged["membershipTag"];
    expect(() => fromJSON("PublicMessage", untagged)).toThrow(
      malformed(/a membership tag belongs to a member's message/),
    );
    const context = through(toJSON("GroupContext", encodings.GroupContext[1]!)) as { extensions: unknown[] };
    const twice = { ...context, extensions: [...context.extensions, context.extensions[2]] };
    expect(() => fromJSON("GroupContext", twice)).toThrow(expect.objectContaining({ rule: "MLS-13.4-06" }));
    const misplaced = { ...context, extensions: [{ extensionType: 2, extensionData: "00" }] };
    expect(() => fromJSON("GroupContext", misplaced)).toThrow(expect.objectContaining({ rule: "MLS-17.3-01" }));
  });

  it("throws TypeError for what is no struct and no bytes", () => {
    expect(() => toJSON("Nothing" as StructName, new Uint8Array(1))).toThrow(TypeError);
    expect(() => fromJSON("Nothing" as StructName, {})).toThrow(TypeError);
    for (const name of structNames) expect(() => toJSON(name, "00" as never)).toThrow(TypeError);
  });
});

describe("JSON for logs", () => {
  const shownFields = new Set([
    ...["groupId", "pskGroupId", "treeHash", "confirmedTranscriptHash", "parentHash", "newMember", "reference"],
    ...["encryptionKey", "signatureKey", "initKey", "externalPub"],
    ...["kind", "usage", "contentType", "epoch", "pskEpoch", "notBefore", "notAfter"],
  ]);

  /** Every string of a JSON value, with the field that it stands in. */
  function strings(json: Json, field = ""): [field: string, text: string][] {
    if (typeof json === "string") return [[field, json]];
    if (json === null || typeof json !== "object") return [];
    if (Array.isArray(json)) return (json as readonly Json[]).flatMap((item) => strings(item, field));
    return Object.entries(json).flatMap(([name, item]) => strings(item, name));
  }

  it.each(structNames)(
    "of %s shows public keys, hashes and group IDs, and of other byte strings the length",
    (name) => {
      for (const bytes of encodings[name]) {
        const open = strings(toJSON(name, bytes));
        const redacted = toJSON(name, bytes, { redact: true });
        const expected = open.map(([field, text]) =>
          shownFields.has(field) ? [field, text] : [field, `<${text.length / 2} bytes>`],
        );
        expect(strings(redacted)).toEqual(expected);
        const log = JSON.stringify(redacted);
        const shownText = expected.map(([, text]) => text).join(" ");
        for (const [field, text] of open) {
          if (shownFields.has(field) || text.length < 8 || shownText.includes(text)) continue;
          const binary = String.fromCharCode(...hex(text));
          for (const form of [text, text.toUpperCase(), binary, btoa(binary)]) expect(log).not.toContain(form);
        }
        if (expected.some(([, text]) => text!.startsWith("<"))) expect(() => fromJSON(name, redacted)).toThrow();
      }
    },
  );

  it("hides what people write and who they are", () => {
    const log = JSON.stringify([
      toJSON("AuthenticatedContent", encodings.AuthenticatedContent[0]!, { redact: true }),
      toJSON("LeafNode", leaf.encoded, { redact: true }),
    ]);
    expect(log).toContain(`"applicationData":"<27 bytes>"`);
    expect(log).toContain(`"identity":"<20 bytes>"`);
    expect(log).not.toContain(toHex(utf8("somebody")));
  });
});
