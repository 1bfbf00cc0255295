// The whole export surface of the core. A test compares it with its list of names.
// Add your exports in the block of their folder, in the order of the house.

import { ABI_VERSION } from "./layout";

/** The version of this surface; the loader refuses another. */
export function abiVersion(): i32 {
  return ABI_VERSION;
}

// memory
export { allocate, release, memoryInUse, scratchMark, scratch, scratchRelease } from "./memory";
export { handlesInUse } from "./handle";
export { operationCount } from "./counters";

// hash
export { hash, hashBegin, hashFinish, hashLength, hashMany, hashUpdate } from "./hash/hash";
export { hmac, hmacBegin, hmacFinish, hmacUpdate } from "./hash/hmac";
export { hkdfExpand, hkdfExtract } from "./hash/hkdf";
export { deriveSecret, expandWithLabel, expandWithLabelMany } from "./hash/labels";

// curve
export { feFromBytes, feSplat, feToBytes, feTranspose } from "./curve/encoding25519";
export { feInvert, feInvertLane } from "./curve/invert25519";
export {
  feMul,
  feSqr,
  feAdd,
  feSub,
  feMulSmall,
  feReduce,
  feNegate,
  fePow22523,
  feConditionalSwap,
  feSelect,
} from "./curve/fe25519";
export { scalarIsCanonical, scalarMultiplyAdd, scalarReduce, scalarReduceWide } from "./curve/scalar25519";
export { halfScalars } from "./curve/halfscalar25519";
export { ed25519KeyPair, ed25519Sign, ed25519Verify } from "./curve/ed25519";
export { ed25519VerifyBatch } from "./curve/ed25519batch";
export { x25519, x25519Base, x25519BaseBatch, x25519Batch } from "./curve/x25519";

// aead
export { aeadKeyLength, aeadOpen, aeadSeal } from "./aead/aead";

// hpke
export {
  kemDeriveKeyPair,
  kemDeriveKeyPairs,
  kemPrivateKeyLength,
  kemPublicKeyLength,
  kemSupported,
  x25519DeriveKeyPair,
} from "./hpke/kem";
export { hpkeExportReceive, hpkeExportSend, hpkeFaultIndex, hpkeOpen, hpkeSealMany } from "./hpke/base";
export { decryptWithLabel, encryptWithLabelMany } from "./hpke/withlabel";

// tree
export { credentialTypeRegister, leafParse, leafCheck, leafLifetime, leafSupports } from "./tree/leafnode";
export { leafRules } from "./tree/leafrules";
export { treeCheckLeaves, treeCredentialTypes, treeReadMembers } from "./tree/scan";
export { groupSecretsLength, groupSecretsSeal, groupSecretsOpen } from "./tree/groupsecrets";
export { nodeLeft, nodeRight, nodeParent, nodeSibling } from "./tree/math";
export { treeErrorNode, treeErrorRule } from "./tree/fault";
export { treeFork, treeMerge, treeRelease, treeUndoChanged, treeUndoLeaf, treeUndoLeafCount } from "./tree/overlay";
export {
  treeCreate,
  treeImport,
  treeExportLength,
  treeExport,
  treeHashesLength,
  treeExportHashes,
  treeAdoptHashes,
  treeLeafCount,
  treeMemberCount,
  treeRightmostLeaf,
  treeLeaf,
  treeNextLeaf,
  treeNodeKey,
  treeFindKey,
  treeResolution,
  treeFilteredDirectPath,
  treeHash,
  treeNodeHash,
  treeVerifyParentHashes,
  treeAddLeaf,
  treeReserveLeaf,
  treeUpdateLeaf,
  treeRemoveLeaf,
  treeSetLeaf,
  treeSetPath,
  treeMergePath,
  treeCheckKeys,
  overlayExportLength,
  overlayExport,
  overlayImport,
} from "./tree/tree";
export { leafSignContent } from "./tree/signcontent";
export { treeVerifyLeaves, leavesVerify, keyPackagesVerify } from "./tree/verify";
export {
  treeSetOwnLeaf,
  treeReplaceOwnKey,
  treePrivateKey,
  treeHasPrivateKey,
  treeKeepPrivateKey,
  treeForgetPrivateKeys,
  treePrunePrivateKeys,
  treeForgetPath,
  writerPrivateKeys,
  readerPrivateKeys,
} from "./tree/private";
export { pathBegin, pathCommitSecret, pathDeriveKeyPairs, pathFinish, pathSecretFor } from "./tree/path";
export { pathSeal, pathSealLength } from "./tree/pathseal";
export { pathJoin, pathMerge, pathOpen } from "./tree/pathopen";

// secret
export {
  secretNew,
  secretImport,
  secretAt,
  secretLength,
  secretExport,
  secretCopy,
  secretEqual,
  secretRelease,
} from "./secret/slots";
export {
  secretExtract,
  secretExpandWithLabel,
  secretDerive,
  secretMac,
  secretVerifyMac,
  secretSeal,
  secretOpen,
  scheduleCommit,
  scheduleWelcome,
  scheduleJoin,
  scheduleCreate,
  schedulePsk,
} from "./secret/schedule";
export { secretTreeCreate, secretTreeRelease } from "./secret/tree";
export { secretTreeOpen, secretTreeConsume, secretTreeSeal, secretTreeRatchet } from "./secret/ratchet";
export {
  writerCreate,
  writerBytes,
  writerSecret,
  writerLength,
  writerSeal,
  writerRelease,
  readerOpen,
  readerLeft,
  readerBytesLength,
  readerBytes,
  readerSecret,
  readerRelease,
} from "./secret/vault";
export { writerSecretTree, readerSecretTree } from "./secret/treerecord";
