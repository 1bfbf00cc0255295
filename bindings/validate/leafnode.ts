// The rules of RFC 9420 section 7.3 on leaves, asked of the core; and the words for what is broken.

import type { Engine, Frame } from "../core/engine.ts";
import { failure } from "../core/failure.ts";
import * as layout from "../core/generated/layout.ts";
import { type MlsError, ValidationError } from "../errors.ts";
import type { TreeView } from "../tree/ratchettree.ts";

/** What a group asks of each of its leaves. */
export interface LeafExpectations {
  readonly version: number;
  readonly cipherSuite: number;
  /** Bytes of a KEM public key and of a signature public key. */
  readonly encryptionKeyLength: number;
  readonly signatureKeyLength: number;
  /** `required_capabilities` of the GroupContext. MLS-7.3-04 */
  readonly requiredExtensions: readonly number[];
  readonly requiredProposals: readonly number[];
  readonly requiredCredentials: readonly number[];
  /** Types of the GroupContext's extensions. MLS-13.4-02 */
  readonly contextExtensions: readonly number[];
  /** Credential types that members use. MLS-7.3-06 */
  readonly credentialsInUse: readonly number[];
  /** Longest lifetime in seconds, undefined for no bound. MLS-7.2-11 */
  readonly maximumLifetime: bigint | undefined;
  /** The present time in seconds, undefined to accept expired leaves. MLS-7.3-08 */
  readonly now: bigint | undefined;
  readonly clockSkew: bigint;
}

/** leaf_node_source as the RFC numbers it; 0 stands for any. */
export type ExpectedSource = 0 | 1 | 2 | 3;

const rules: ReadonlyMap<number, readonly [rule: string, message: string]> = new Map([
  [layout.LEAF_RULE_ENCRYPTION_KEY, ["MLS-10-04", "its encryption_key does not have the suite's length"]],
  [layout.LEAF_RULE_SIGNATURE_KEY, ["MLS-10-04", "its signature_key does not have the suite's length"]],
  [layout.LEAF_RULE_VERSION, ["MLS-7.2-05", "its capabilities do not list the group's protocol version"]],
  [layout.LEAF_RULE_SUITE, ["MLS-7.2-05", "its capabilities do not list the group's cipher suite"]],
  [layout.LEAF_RULE_CREDENTIAL_TYPE, ["MLS-7.2-07", "its capabilities do not list its own credential type"]],
  [layout.LEAF_RULE_EXTENSION, ["MLS-7.2-06", "its capabilities do not list one of its own extensions"]],
  [layout.LEAF_RULE_LIFETIME_ORDER, ["MLS-7.2-10", "its lifetime ends before it begins"]],
  [layout.LEAF_RULE_LIFETIME_LENGTH, ["MLS-7.2-11", "its lifetime is longer than this client accepts"]],
  [layout.LEAF_RULE_EXPIRED, ["MLS-7.3-08", "the present time is outside its lifetime"]],
  [layout.LEAF_RULE_SOURCE, ["MLS-7.3-10", "its leaf_node_source is not the one this place asks for"]],
  [layout.LEAF_RULE_REQUIRED_EXTENSION, ["MLS-7.3-04", "it lacks an extension type of required_capabilities"]],
  [layout.LEAF_RULE_REQUIRED_PROPOSAL, ["MLS-7.3-04", "it lacks a proposal type of required_capabilities"]],
  [layout.LEAF_RULE_REQUIRED_CREDENTIAL, ["MLS-7.3-04", "it lacks a credential type of required_capabilities"]],
  [layout.LEAF_RULE_CONTEXT_EXTENSION, ["MLS-13.4-02", "it lacks an extension type of the GroupContext"]],
  [layout.LEAF_RULE_CREDENTIAL_IN_USE, ["MLS-7.3-06", "it lacks a credential type that members use"]],
]);

/** The error for an answer of `leafRules` or of the tree's scan with it; undefined for 0. */
export function leafRuleError(answer: number, leafIndex: number | undefined): MlsError | undefined {
  if (answer === 0) return undefined;
  const place = leafIndex === undefined ? {} : { leafIndex };
  if (answer < 0) return failure(answer, { struct: "LeafNode", ...place });
  const [rule, message] = rules.get(answer) ?? ["MLS-7.3-01", "it breaks a rule of section 7.3"];
  const name = leafIndex === undefined ? "a leaf node is not valid" : `leaf ${leafIndex} is not valid`;
  return new ValidationError("ERR_LEAF_NODE", `${name}: ${message}`, { rule, struct: "LeafNode", ...place });
}

/** Lays the expectations out in a frame, as `leafRules` reads them; returns their address. */
export function putLeafExpectations(
  engine: Engine,
  frame: Frame,
  expectations: LeafExpectations,
  source: ExpectedSource,
): number {
  const words = new Uint32Array(layout.RULES_WORDS);
  const setLong = (word: number, value: bigint): void => {
    words[word] = Number(value & 0xffffffffn);
    words[word + 1] = Number(value >> 32n);
  };
  const setList = (word: number, types: readonly number[]): void => {
    const encoded = new Uint8Array(types.length * 2);
    types.forEach((type, index) => encoded.set([type >> 8, type & 0xff], index * 2));
    words[word] = frame.put(encoded);
    words[word + 1] = types.length;
  };
  words[layout.RULES_VERSION] = expectations.version;
  words[layout.RULES_SUITE] = expectations.cipherSuite;
  words[layout.RULES_ENCRYPTION_KEY_LENGTH] = expectations.encryptionKeyLength;
  words[layout.RULES_SIGNATURE_KEY_LENGTH] = expectations.signatureKeyLength;
  words[layout.RULES_SOURCE] = source;
  setList(layout.RULES_REQUIRED_EXTENSIONS, expectations.requiredExtensions);
  setList(layout.RULES_REQUIRED_PROPOSALS, expectations.requiredProposals);
  setList(layout.RULES_REQUIRED_CREDENTIALS, expectations.requiredCredentials);
  setList(layout.RULES_CONTEXT_EXTENSIONS, expectations.contextExtensions);
  setList(layout.RULES_CREDENTIALS_IN_USE, expectations.credentialsInUse);
  setLong(layout.RULES_LIFETIME, expectations.maximumLifetime ?? 0xffff_ffff_ffff_ffffn);
  words[layout.RULES_CHECK_NOW] = expectations.now === undefined ? 0 : 1;
  setLong(layout.RULES_NOW, expectations.now ?? 0n);
  setLong(layout.RULES_SKEW, expectations.clockSkew);
  return frame.put(new Uint8Array(words.buffer));
}

/**
 * Checks encoded leaves that are not in the tree yet. Returns the first that breaks a rule, with
 * its position; undefined when all are in order.
 */
export function findInvalidLeaf(
  engine: Engine,
  leaves: readonly Uint8Array[],
  expectations: LeafExpectations,
  source: ExpectedSource,
): { readonly position: number; readonly answer: number } | undefined {
  return engine.frame((core, frame) => {
    const address = putLeafExpectations(engine, frame, expectations, source);
    let longest = 0;
    for (const leaf of leaves) longest = Math.max(longest, leaf.length);
    const room = frame.take(longest);
    for (const [position, leaf] of leaves.entries()) {
      engine.bytes.set(leaf, room);
      const answer = core.leafRules(room, leaf.length, address);
      if (answer !== 0) return { position, answer };
    }
    return undefined;
  });
}

/**
 * Checks every member's leaf. Returns the error for the first that breaks a rule, undefined when all
 * are in order. MLS-7.3-01
 */
export function findInvalidMember(tree: TreeView, expectations: LeafExpectations): MlsError | undefined {
  return tree.engine.frame((core, frame) => {
    const out = frame.take(4);
    const rules = putLeafExpectations(tree.engine, frame, expectations, 0);
    const answer = core.treeCheckLeaves(tree.handle, rules, out);
    return leafRuleError(answer, tree.engine.word(out));
  });
}
