// From what the core's tree finds wrong to the library's errors, with the rule and the place.
import type { CoreExports } from "../core/generated/exports.ts";
import * as layout from "../core/generated/layout.ts";
import * as status from "../core/generated/status.ts";
import { failure } from "../core/failure.ts";
import { type ErrorCode, type MlsError, StateError, ValidationError } from "../errors.ts";

type Rule = readonly [rule: string, message: string, code?: ErrorCode];

const rules: ReadonlyMap<number, Rule> = new Map<number, Rule>([
  [layout.TREE_RULE_LENGTH, ["MLS-12.4.3.3-04", "the ratchet_tree is empty or ends at a parent"]],
  [layout.TREE_RULE_TRAILING_BLANK, ["MLS-12.4.3.3-03", "the ratchet_tree ends with a blank node"]],
  [layout.TREE_RULE_NODE_TYPE, ["MLS-7.8-01", "the node type is unknown"]],
  [layout.TREE_RULE_NODE_POSITION, ["MLS-7.8-01", "a leaf stands at a parent's place, or a parent at a leaf's"]],
  [layout.TREE_RULE_UNMERGED_ORDER, ["MLS-7.1-01", "unmerged leaves are not strictly increasing"]],
  [layout.TREE_RULE_UNMERGED_LEAF, ["MLS-12.4.3.1-01", "an unmerged leaf is blank or not below its parent"]],
  [layout.TREE_RULE_UNMERGED_BETWEEN, ["MLS-12.4.3.1-02", "a node between does not list the unmerged leaf"]],
  [layout.TREE_RULE_PARENT_KEY, ["MLS-12.4.3.1-03", "a parent's encryption key stands in another node", "ERR_TREE"]],
  [layout.TREE_RULE_SIGNATURE_KEY, ["MLS-7.3-14", "a member has this signature key already"]],
  [layout.TREE_RULE_ENCRYPTION_KEY, ["MLS-7.3-15", "a member has this encryption key already"]],
  [layout.TREE_RULE_LEAF_PARENT_KEY, ["MLS-16.7-02", "a parent node has this encryption key already"]],
  [layout.TREE_RULE_NO_LEAF_BELOW, ["MLS-7.9.2-02", "a parent node stands above no leaf"]],
  [layout.TREE_RULE_CHAIN, ["MLS-7.9.2-02", "a parent node is not covered by exactly one parent hash chain"]],
  [layout.TREE_RULE_PATH_LENGTH, ["MLS-4.1.2-02", "the path is not as long as the filtered direct path"]],
  [layout.TREE_RULE_PATH_KEY, ["MLS-12.4.2-02", "a key of the path stands in the tree already", "ERR_UPDATE_PATH"]],
  [layout.TREE_RULE_PATH_SOURCE, ["MLS-7.3-13", "the leaf of the path is not of source commit", "ERR_COMMIT"]],
  [
    layout.TREE_RULE_PATH_PARENT_HASH,
    ["MLS-7.9.2-03", "the parent hash of the committer's leaf does not fit its path"],
  ],
  [layout.TREE_RULE_CIPHERTEXTS, ["MLS-7.6-02", "the path has another number of ciphertexts than receivers"]],
  [layout.TREE_RULE_PATH_MISMATCH, ["MLS-7.5-08", "a key derived from the path secret is not the one in the tree"]],
  [layout.TREE_RULE_JOIN_PATH, ["MLS-12.4.3.1-15", "the path secret belongs to no node above us", "ERR_WELCOME"]],
]);

/** The error for a negative status of a tree operation, to be made right after it. */
export function treeFailure(core: CoreExports, code: number): MlsError {
  if (code === status.STATUS_HANDLE) {
    return new StateError("ERR_STATE_USED", "this tree is closed, merged or outdated by another merge");
  }
  const rule = rules.get(core.treeErrorRule());
  const node = core.treeErrorNode() >>> 0;
  const place = node % 2 === 0 ? { struct: "LeafNode", leafIndex: node / 2 } : { struct: "ParentNode" };
  if (rule === undefined) return failure(code, place);
  const [id, message, named] = rule;
  const known = failure(code, { rule: id, ...place });
  const full = `${message} (node ${node})`;
  if (named !== undefined) return new ValidationError(named, full, { rule: id, ...place });
  return new (known.constructor as new (...args: ConstructorParameters<typeof MlsError>) => MlsError)(
    known.code,
    full,
    { rule: id, ...place },
  );
}
