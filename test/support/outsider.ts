// A dishonest newcomer: external commits and proposals from outside, with any content, honestly signed.
import { encodeWhole } from "../../bindings/codec/writer.ts";
import { signFramedContent } from "../../bindings/framing/authenticated.ts";
import { type SignatureKeyPair, signatureKeyPair, signWithLabel } from "../../bindings/crypto/signature.ts";
import { signLeaf } from "../../bindings/group/leaf.ts";
import type { Client, ExternalJoinOptions, Group } from "../../bindings/index.ts";
import type { Commit } from "../../bindings/message/commit.ts";
import { WireFormat } from "../../bindings/message/constants.ts";
import { withEncoded } from "../../bindings/message/encoded.ts";
import {
  type Content,
  type FramedContent,
  framedContentTbs,
  writeFramedContent,
} from "../../bindings/message/framing.ts";
import type { LeafNodeContent } from "../../bindings/message/leafnode.ts";
import { decodeMLSMessage, encodeMLSMessage } from "../../bindings/message/mlsmessage.ts";
import type { Proposal } from "../../bindings/message/proposals.ts";
import type { UpdatePath } from "../../bindings/message/updatepath.ts";
import { contentOf, publicClient } from "./forge.ts";

/** An external commit, taken apart. */
export interface OutsideCommit {
  readonly externalInit: Proposal;
  readonly commit: Commit;
  readonly path: UpdatePath;
  readonly confirmationTag: Uint8Array;
}

/** What may be changed of a frame. */
export interface OutsideFrame {
  readonly groupId?: Uint8Array;
  readonly epoch?: bigint;
  readonly sender?: FramedContent["sender"];
  readonly confirmationTag?: Uint8Array;
  /** Appended, as if it were a membership tag. */
  readonly rest?: Uint8Array;
  /** Signs in the place of the newcomer. */
  readonly key?: SignatureKeyPair;
  /** Signs over the GroupContext although such a sender does not. */
  readonly withContext?: boolean;
}

/** See the head of the file. */
export class Outsider {
  readonly client: Client;
  readonly key: SignatureKeyPair;
  readonly #group: Group;

  /** Somebody who wants into this group. */
  constructor(group: Group, name: string, seed = 77) {
    const { suite } = group.state;
    const signaturePrivateKey = new Uint8Array(32).fill(seed);
    this.#group = group;
    this.client = publicClient(name, { signaturePrivateKey });
    this.key = signatureKeyPair(suite, signaturePrivateKey);
  }

  /** An honest external commit, not sent. */
  honest(options: ExternalJoinOptions = {}): OutsideCommit {
    const joining = this.client.joinExternal(this.#group.groupInfo(), options);
    const decoded = decodeMLSMessage(joining.commit);
    joining.discard();
    if (decoded.kind !== "publicMessage" || decoded.publicMessage.content.content.kind !== "commit") {
      throw new Error("no commit");
    }
    const { content, auth } = decoded.publicMessage;
    const { commit } = content.content as Extract<Content, { kind: "commit" }>;
    const [first] = commit.proposals;
    if (first?.kind !== "proposal") throw new Error("no ExternalInit");
    return { externalInit: first.proposal, commit, path: commit.path!, confirmationTag: auth.confirmationTag! };
  }

  /** A signed PublicMessage; an external commit or a proposal of a newcomer unless another sender is given. */
  send(content: Content, changes: OutsideFrame = {}): Uint8Array {
    const { suite, epoch } = this.#group.state;
    const framed: FramedContent = {
      groupId: changes.groupId ?? epoch.groupContext.groupId,
      epoch: changes.epoch ?? epoch.groupContext.epoch,
      sender: changes.sender ?? { kind: content.kind === "commit" ? "newMemberCommit" : "newMemberProposal" },
      authenticatedData: new Uint8Array(0),
      content,
    };
    const sealed = withEncoded(framed, encodeWhole(framed, writeFramedContent));
    const { publicMessage } = WireFormat;
    const key = changes.key ?? this.key;
    const { groupContext } = epoch;
    const signature =
      changes.withContext !== true
        ? signFramedContent(suite, key, publicMessage, sealed, groupContext)
        : signWithLabel(
            suite,
            key,
            "FramedContentTBS",
            Uint8Array.of(...framedContentTbs(publicMessage, sealed), ...groupContext.encoded),
          );
    const tag = changes.confirmationTag ?? new Uint8Array(suite.hashLength);
    const auth = { signature, confirmationTag: content.kind === "commit" ? tag : undefined };
    const message = encodeMLSMessage({
      kind: "publicMessage",
      publicMessage: { content: sealed, auth, membershipTag: undefined },
    });
    const { rest } = changes;
    return rest === undefined ? message : Uint8Array.of(...message, ...rest);
  }

  /** An external commit of these proposals by value. */
  commit(proposals: readonly Proposal[], path: UpdatePath | undefined, changes: OutsideFrame = {}): Uint8Array {
    const byValue = proposals.map((proposal) => ({ kind: "proposal", proposal }) as const);
    return this.send({ kind: "commit", commit: { proposals: byValue, path } }, changes);
  }

  /** A path whose leaf has other fields, signed for its place unless another is given. */
  withLeaf(path: UpdatePath, changes: Partial<LeafNodeContent>, leafIndex: number): UpdatePath {
    const { suite, environment, epoch } = this.#group.state;
    const content: LeafNodeContent = { ...contentOf(path.leafNode), ...changes };
    const position = { groupId: epoch.groupContext.groupId, leafIndex };
    const at = content.source.kind === "keyPackage" ? undefined : position;
    return { leafNode: signLeaf(suite, this.key, content, at, environment.decode), nodes: path.nodes };
  }
}
