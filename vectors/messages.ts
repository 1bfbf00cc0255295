import { decodeCommit, encodeCommit } from "../bindings/message/commit.ts";
import { decodeMLSMessage, encodeMLSMessage } from "../bindings/message/mlsmessage.ts";
import { decodeProposal, encodeProposal, type Proposal } from "../bindings/message/proposals.ts";
import { decodeRatchetTree, encodeRatchetTree } from "../bindings/message/ratchettree.ts";
import { decodeGroupSecrets, encodeGroupSecrets } from "../bindings/message/welcome.ts";
import { writeFramedContent } from "../bindings/message/framing.ts";
import { encodeWhole } from "../bindings/codec/writer.ts";
import { withEncoded } from "../bindings/message/encoded.ts";
import { hex, same, toHex, type VectorKind } from "./kind.ts";
import { Person } from "./person.ts";

type RoundTrip = (bytes: Uint8Array) => Uint8Array;

const message: RoundTrip = (bytes) => encodeMLSMessage(decodeMLSMessage(bytes));

/** The vectors leave out the type of a proposal. */
function proposal(type: number): RoundTrip {
  return (bytes) => encodeProposal(decodeProposal(Uint8Array.of(0, type, ...bytes))).subarray(2);
}

const roundTrips = {
  mls_welcome: message,
  mls_group_info: message,
  mls_key_package: message,
  ratchet_tree: (bytes: Uint8Array) => encodeRatchetTree(decodeRatchetTree(bytes)),
  group_secrets: (bytes: Uint8Array) => encodeGroupSecrets(decodeGroupSecrets(bytes)),
  add_proposal: proposal(1),
  update_proposal: proposal(2),
  remove_proposal: proposal(3),
  pre_shared_key_proposal: proposal(4),
  re_init_proposal: proposal(5),
  external_init_proposal: proposal(6),
  group_context_extensions_proposal: proposal(7),
  commit: (bytes: Uint8Array) => encodeCommit(decodeCommit(bytes)),
  public_message_application: message,
  public_message_proposal: message,
  public_message_commit: message,
  private_message: message,
};

type Messages = Readonly<Record<keyof typeof roundTrips, string>>;

/** Every struct in TLS encoding: what is decoded encodes to the same bytes. */
export const messages: VectorKind = {
  name: "messages",
  fields: ["mls_welcome", "group_secrets", "re_init_proposal"],
  verify: (vector: Messages) => {
    for (const [field, roundTrip] of Object.entries(roundTrips)) {
      const bytes = vector[field as keyof Messages];
      same(field, roundTrip(hex(bytes)), bytes);
    }
  },
  generate: (suite, tools) => {
    const group = new Person("founder", suite, tools).createGroup(tools.bytes(16));
    const joiner = new Person("joiner", suite, tools).keyPackage();
    const adding = group.commit({ add: [joiner.message], format: "public" });
    adding.accept();
    const { keyPackage } = joiner;
    const fresh = (): Uint8Array => tools.bytes(suite.hashLength);
    const body = (value: Proposal): string => toHex(encodeProposal(value).subarray(2));
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
      mls_welcome: toHex(adding.welcomes[0]!),
      mls_group_info: toHex(group.groupInfo()),
      mls_key_package: toHex(joiner.message),
      ratchet_tree: toHex(group.ratchetTree()),
      group_secrets: toHex(encodeGroupSecrets({ joinerSecret: fresh(), pathSecret: fresh(), psks: [psk] })),
      add_proposal: body({ kind: "add", keyPackage }),
      update_proposal: body({ kind: "update", leafNode: keyPackage.leafNode }),
      remove_proposal: body({ kind: "remove", removed: 1 }),
      pre_shared_key_proposal: body({ kind: "psk", psk }),
      re_init_proposal: body({ kind: "reInit", groupId: fresh(), version: 1, cipherSuite: suite.id, extensions }),
      external_init_proposal: body({ kind: "externalInit", kemOutput: fresh() }),
      group_context_extensions_proposal: body({ kind: "groupContextExtensions", extensions }),
      commit: toHex(encodeCommit(content.content.commit)),
      public_message_application: toHex(encodeMLSMessage({ kind: "publicMessage", publicMessage: publicApplication })),
      public_message_proposal: toHex(group.propose({ remove: 1 }, { format: "public" })),
      public_message_commit: toHex(pathCommit.commit),
      private_message: toHex(group.encrypt("hello", { despiteProposals: true })),
    } satisfies Messages;
  },
};
