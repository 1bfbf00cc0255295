import { encodeWhole } from "../bindings/codec/writer.ts";
import { decodeCommit, encodeCommit } from "../bindings/message/commit.ts";
import { withEncoded } from "../bindings/message/encoded.ts";
import { writeFramedContent } from "../bindings/message/framing.ts";
import { decodeMLSMessage, encodeMLSMessage } from "../bindings/message/mlsmessage.ts";
import { decodeProposal, encodeProposal, type Proposal } from "../bindings/message/proposals.ts";
import { decodeRatchetTree, encodeRatchetTree } from "../bindings/message/ratchettree.ts";
import { decodeGroupSecrets, encodeGroupSecrets } from "../bindings/message/welcome.ts";
import { type VectorKind, vectorKind } from "./kind.ts";
import { Person } from "./person.ts";
import { bytes, Difference, record, same } from "./shape.ts";

/** How a struct is decoded and encoded. */
export interface Codec {
  readonly decode: (encoded: Uint8Array) => unknown;
  readonly encode: (value: never) => Uint8Array;
  /** What comes before the bytes of the case, which leave out the type of a proposal. */
  readonly prefix: readonly number[];
}

/** An MLSMessage of this kind, and no other. */
function message(kind: string, content?: string): Codec {
  const decode = (encoded: Uint8Array): unknown => {
    const decoded = decodeMLSMessage(encoded);
    const held = decoded.kind === "publicMessage" ? decoded.publicMessage.content.content.kind : undefined;
    if (decoded.kind === kind && held === content) return decoded;
    throw new Difference(`${held ?? decoded.kind} instead of ${content ?? kind}`);
  };
  return { decode, encode: encodeMLSMessage, prefix: [] };
}

function proposal(type: number): Codec {
  return { decode: decodeProposal, encode: encodeProposal, prefix: [0, type] };
}

const codecs = {
  mls_welcome: message("welcome"),
  mls_group_info: message("groupInfo"),
  mls_key_package: message("keyPackage"),
  ratchet_tree: { decode: decodeRatchetTree, encode: encodeRatchetTree, prefix: [] },
  group_secrets: { decode: decodeGroupSecrets, encode: encodeGroupSecrets, prefix: [] },
  add_proposal: proposal(1),
  update_proposal: proposal(2),
  remove_proposal: proposal(3),
  pre_shared_key_proposal: proposal(4),
  re_init_proposal: proposal(5),
  external_init_proposal: proposal(6),
  group_context_extensions_proposal: proposal(7),
  commit: { decode: decodeCommit, encode: encodeCommit, prefix: [] },
  public_message_application: message("publicMessage", "application"),
  public_message_proposal: message("publicMessage", "proposal"),
  public_message_commit: message("publicMessage", "commit"),
  private_message: message("privateMessage"),
};

export type MessageField = keyof typeof codecs;

/** The structs of a case. */
export const messageCodecs: Readonly<Record<MessageField, Codec>> = codecs;
export const messageFields: readonly MessageField[] = Object.keys(codecs) as MessageField[];

/** A deep copy without the bytes as received, so that encoding it writes every field anew; leaf nodes stay as they are. */
export function withoutEncoded<T>(value: T): T {
  if (Array.isArray(value)) return value.map(withoutEncoded) as T;
  if (value === null || typeof value !== "object" || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, withoutEncoded(field)])) as T;
}

const shape = record(
  Object.fromEntries(messageFields.map((field) => [field, bytes])) as Record<MessageField, typeof bytes>,
);

/** The body of a proposal, without its type. */
function body(value: Proposal): Uint8Array {
  return encodeProposal(value).subarray(2);
}

/** Every struct in TLS encoding: what is decoded encodes to the same bytes. */
export const messages: VectorKind = vectorKind("messages", shape, {
  verify: (vector) => {
    for (const field of messageFields) {
      const { decode, encode, prefix } = messageCodecs[field];
      const encoded = Uint8Array.of(...prefix, ...vector[field]);
      same(field, encode(withoutEncoded(decode(encoded)) as never), encoded);
    }
  },
  generate: (suite, tools) => {
    const group = tools.own(new Person("founder", suite, tools).createGroup());
    const joiner = new Person("joiner", suite, tools).keyPackage();
    const adding = group.commit({ add: [joiner.message], format: "public" });
    adding.accept();
    const { keyPackage } = joiner;
    const fresh = (): Uint8Array => tools.bytes(suite.hashLength);
    const pathCommit = group.commit({ format: "public" });
    const decoded = decodeMLSMessage(pathCommit.commit);
    if (decoded.kind !== "publicMessage") throw new TypeError("no PublicMessage");
    const { content } = decoded.publicMessage;
    if (content.content.kind !== "commit") throw new TypeError("no commit");
    pathCommit.discard();
    const { groupId, epoch, sender, authenticatedData } = content;
    const application = {
      groupId,
      epoch,
      sender,
      authenticatedData,
      content: { kind: "application", applicationData: fresh() },
    } as const;
    const publicApplication = {
      content: withEncoded(application, encodeWhole(application, writeFramedContent)),
      auth: { signature: fresh(), confirmationTag: undefined },
      membershipTag: fresh(),
    };
    const psk = { kind: "external", pskId: fresh(), pskNonce: fresh() } as const;
    const extensions = group.extensions;
    return {
      mls_welcome: adding.welcomes[0]!,
      mls_group_info: group.groupInfo(),
      mls_key_package: joiner.message,
      ratchet_tree: group.ratchetTree(),
      group_secrets: encodeGroupSecrets({ joinerSecret: fresh(), pathSecret: fresh(), psks: [psk] }),
      add_proposal: body({ kind: "add", keyPackage }),
      update_proposal: body({ kind: "update", leafNode: keyPackage.leafNode }),
      remove_proposal: body({ kind: "remove", removed: 1 }),
      pre_shared_key_proposal: body({ kind: "psk", psk }),
      re_init_proposal: body({ kind: "reInit", groupId: fresh(), version: 1, cipherSuite: suite.id, extensions }),
      external_init_proposal: body({ kind: "externalInit", kemOutput: fresh() }),
      group_context_extensions_proposal: body({ kind: "groupContextExtensions", extensions }),
      commit: encodeCommit(content.content.commit),
      public_message_application: encodeMLSMessage({ kind: "publicMessage", publicMessage: publicApplication }),
      public_message_proposal: group.propose({ remove: 1 }, { format: "public" }),
      public_message_commit: pathCommit.commit,
      private_message: group.encrypt("hello", { despiteProposals: true }),
    };
  },
});
