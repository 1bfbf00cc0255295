// All rules of RFC 9420 section 7.3 on one leaf that need nothing but the leaf and what the group
// asks of its members. The same check serves a newcomer, a replaced leaf, and every leaf of a tree.

import {
  LEAF_LIST_CREDENTIALS,
  LEAF_LIST_EXTENSIONS,
  LEAF_LIST_PROPOSALS,
  LEAF_RULE_CONTEXT_EXTENSION,
  LEAF_RULE_CREDENTIAL_IN_USE,
  LEAF_RULE_REQUIRED_CREDENTIAL,
  LEAF_RULE_REQUIRED_EXTENSION,
  LEAF_RULE_REQUIRED_PROPOSAL,
  LEAF_RULE_SOURCE,
  LEAF_SOURCE,
  LEAF_WORDS,
  RULES_CHECK_NOW,
  RULES_CONTEXT_EXTENSIONS,
  RULES_CREDENTIALS_IN_USE,
  RULES_ENCRYPTION_KEY_LENGTH,
  RULES_LIFETIME,
  RULES_NOW,
  RULES_REQUIRED_CREDENTIALS,
  RULES_REQUIRED_EXTENSIONS,
  RULES_REQUIRED_PROPOSALS,
  RULES_SIGNATURE_KEY_LENGTH,
  RULES_SKEW,
  RULES_SOURCE,
  RULES_SUITE,
  RULES_VERSION,
} from "../layout";
import { leafCheck, leafLifetime, leafParse, leafSupports } from "./leafnode";

const parsed: usize = memory.data(<i32>(LEAF_WORDS * 4), 16);

function rule32(rules: usize, word: i32): u32 {
  return load<u32>(rules + ((<usize>word) << 2));
}

function rule64(rules: usize, word: i32): u64 {
  return (<u64>rule32(rules, word)) | ((<u64>rule32(rules, word + 1)) << 32);
}

function supportsAll(leaf: usize, list: i32, rules: usize, word: i32): bool {
  const count = rule32(rules, word + 1);
  return count == 0 || leafSupports(leaf, parsed, list, <usize>rule32(rules, word), <usize>count) == 1;
}

/**
 * Checks the encoded LeafNode against the RULES_WORDS words at `rules` (layout.ts). Returns 0, the
 * LEAF_RULE number of the first rule it breaks, or a status when it does not parse.
 */
export function leafRules(leaf: usize, length: usize, rules: usize): i32 {
  const consumed = leafParse(leaf, length, parsed);
  if (consumed < 0) return consumed;
  const source = rule32(rules, RULES_SOURCE);
  if (source != 0 && source != load<u32>(parsed + ((<usize>LEAF_SOURCE) << 2))) return LEAF_RULE_SOURCE;
  const broken = leafCheck(
    leaf,
    parsed,
    rule32(rules, RULES_VERSION),
    rule32(rules, RULES_SUITE),
    <usize>rule32(rules, RULES_ENCRYPTION_KEY_LENGTH),
    <usize>rule32(rules, RULES_SIGNATURE_KEY_LENGTH),
  );
  if (broken != 0) return broken;
  // MLS-7.3-04
  if (!supportsAll(leaf, LEAF_LIST_EXTENSIONS, rules, RULES_REQUIRED_EXTENSIONS)) return LEAF_RULE_REQUIRED_EXTENSION;
  if (!supportsAll(leaf, LEAF_LIST_PROPOSALS, rules, RULES_REQUIRED_PROPOSALS)) return LEAF_RULE_REQUIRED_PROPOSAL;
  if (!supportsAll(leaf, LEAF_LIST_CREDENTIALS, rules, RULES_REQUIRED_CREDENTIALS))
    return LEAF_RULE_REQUIRED_CREDENTIAL;
  // MLS-13.4-02
  if (!supportsAll(leaf, LEAF_LIST_EXTENSIONS, rules, RULES_CONTEXT_EXTENSIONS)) return LEAF_RULE_CONTEXT_EXTENSION;
  // MLS-7.3-06; the other direction, MLS-7.3-05, is this rule asked of the other members
  if (!supportsAll(leaf, LEAF_LIST_CREDENTIALS, rules, RULES_CREDENTIALS_IN_USE)) return LEAF_RULE_CREDENTIAL_IN_USE;
  return leafLifetime(
    leaf,
    parsed,
    rule64(rules, RULES_LIFETIME),
    <i32>rule32(rules, RULES_CHECK_NOW),
    rule64(rules, RULES_NOW),
    rule64(rules, RULES_SKEW),
  );
}
