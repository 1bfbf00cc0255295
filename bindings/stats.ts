import { defaultEngine, type Engine } from "./core/engine.ts";
import { COUNT_HASH, COUNT_OPEN, COUNT_SEAL, COUNT_SIGN, COUNT_VERIFY } from "./core/generated/layout.ts";

/** What an engine has done since it was made. */
export interface OperationCounts {
  /** Signatures verified. */
  readonly verify: number;
  /** Signatures made. */
  readonly sign: number;
  /** HPKE encryptions. */
  readonly seal: number;
  /** HPKE decryptions. */
  readonly open: number;
  /** Compressions of the hash, SHA-256 blocks for suites 1 to 3. */
  readonly hash: number;
}

/** Public-key operations and hash blocks of an engine, the shared one unless given. */
export function operationCounts(engine: Engine = defaultEngine()): OperationCounts {
  const { core } = engine;
  return {
    verify: core.operationCount(COUNT_VERIFY),
    sign: core.operationCount(COUNT_SIGN),
    seal: core.operationCount(COUNT_SEAL),
    open: core.operationCount(COUNT_OPEN),
    hash: core.operationCount(COUNT_HASH),
  };
}
