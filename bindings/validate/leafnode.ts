// The rules of RFC 9420 section 7.3 on leaves, asked of the core; and the words for what is broken.

import type { Engine, Frame } from "../core/engine.ts";
import { failure } from "../core/failure.ts";
import * as layout from "../core/generated/layout.ts";
import { type MlsError, ValidationError } from "../errors.ts";
import { isDefaultExtension } from "../message/constants.ts";
import type { LeafNode } from "../message/leafnode.ts";
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

const sources = ["any", "keyPackage", "update", "commit"] as const;

type Words = (leaf: LeafNode, expected: LeafExpectations, source: ExpectedSource) => string;

/** The first of these types that the leaf does not support. */
const lacking = (types: readonly number[], supported: readonly number[]): number | undefined =>
  types.find((type) => !supported.includes(type));

/** That the leaf supports not all of these types, one kind of its capabilities. */
function lacks(
  asked: "requiredExtensions" | "requiredProposals" | "requiredCredentials" | "contextExtensions",
  kind: "extensions" | "proposals" | "credentials",
  place: string,
): Words {
  const what = kind.slice(0, -1);
  return ({ capabilities }, to) => `it lacks ${what} type ${lacking(to[asked], capabilities[kind])} of ${place}`;
}

const rules: ReadonlyMap<number, readonly [rule: string, words: Words]> = new Map<number, readonly [string, Words]>([
  [
    layout.LEAF_RULE_ENCRYPTION_KEY,
    [
      "MLS-10-04",
      (leaf, to) => `an encryption_key of ${leaf.encryptionKey.length} bytes instead of ${to.encryptionKeyLength}`,
    ],
  ],
  [
    layout.LEAF_RULE_SIGNATURE_KEY,
    [
      "MLS-10-04",
      (leaf, to) => `a signature_key of ${leaf.signatureKey.length} bytes instead of ${to.signatureKeyLength}`,
    ],
  ],
  [layout.LEAF_RULE_VERSION, ["MLS-7.2-05", (_, to) => `its capabilities lack the group's version ${to.version}`]],
  [
    layout.LEAF_RULE_SUITE,
    ["MLS-7.2-05", (_, to) => `its capabilities lack the group's cipher suite ${to.cipherSuite}`],
  ],
  [
    layout.LEAF_RULE_CREDENTIAL_TYPE,
    ["MLS-7.2-07", (leaf) => `its capabilities lack its own credential type ${leaf.credentialType}`],
  ],
  [
    layout.LEAF_RULE_EXTENSION,
    [
      "MLS-7.2-06",
      ({ extensions, capabilities }) => {
        const own = extensions.map(({ extensionType }) => extensionType).filter((type) => !isDefaultExtension(type));
        return `its capabilities lack its own extension type ${lacking(own, capabilities.extensions)}`;
      },
    ],
  ],
  [
    layout.LEAF_RULE_LIFETIME_ORDER,
    ["MLS-7.2-10", (leaf) => `its lifetime ends before it begins: ${lifetimeOf(leaf)}`],
  ],
  [
    layout.LEAF_RULE_LIFETIME_LENGTH,
    [
      "MLS-7.2-11",
      (leaf, to) => `its lifetime, ${lifetimeOf(leaf)}, is over the limit of ${to.maximumLifetime} seconds`,
    ],
  ],
  [
    layout.LEAF_RULE_EXPIRED,
    ["MLS-7.3-08", (leaf, to) => `the present time ${to.now} is outside its lifetime, ${lifetimeOf(leaf)}`],
  ],
  [
    layout.LEAF_RULE_SOURCE,
    ["MLS-7.3-10", (leaf, _, source) => `its leaf_node_source is ${leaf.source.kind} instead of ${sources[source]}`],
  ],
  [
    layout.LEAF_RULE_REQUIRED_EXTENSION,
    ["MLS-7.3-04", lacks("requiredExtensions", "extensions", "required_capabilities")],
  ],
  [
    layout.LEAF_RULE_REQUIRED_PROPOSAL,
    ["MLS-7.3-04", lacks("requiredProposals", "proposals", "required_capabilities")],
  ],
  [
    layout.LEAF_RULE_REQUIRED_CREDENTIAL,
    ["MLS-7.3-04", lacks("requiredCredentials", "credentials", "required_capabilities")],
  ],
  [layout.LEAF_RULE_CONTEXT_EXTENSION, ["MLS-13.4-02", lacks("contextExtensions", "extensions", "the GroupContext")]],
  [
    layout.LEAF_RULE_CREDENTIAL_IN_USE,
    [
      "MLS-7.3-06",
      ({ capabilities }, to) =>
        `it lacks credential type ${lacking(to.credentialsInUse, capabilities.credentials)}, which members use`,
    ],
  ],
]);

function lifetimeOf({ source }: LeafNode): string {
  return source.kind === "keyPackage" ? `${source.lifetime.notBefore} to ${source.lifetime.notAfter}` : "none";
}

/** The error for an answer of `leafRules` or of the tree's scan with it; undefined for 0. */
export function leafRuleError(
  answer: number,
  leafIndex: number,
  leaf: LeafNode | undefined,
  expected: LeafExpectations,
  source: ExpectedSource,
): MlsError | undefined {
  if (answer === 0) return undefined;
  const details = { struct: "LeafNode", leafIndex };
  const broken = rules.get(answer);
  if (broken === undefined || leaf === undefined) return failure(answer, details);
  const [rule, words] = broken;
  const message = `a leaf node is not valid: ${words(leaf, expected, source)}`;
  return new ValidationError("ERR_LEAF_NODE", message, { rule, ...details });
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
    const leafIndex = tree.engine.word(out);
    return leafRuleError(answer, leafIndex, answer > 0 ? tree.leafNode(leafIndex) : undefined, expectations, 0);
  });
}
