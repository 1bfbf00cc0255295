// GroupSecrets for more members than there is room for, or under another KEM than the tree's, are not begun.
import { describe, expect, it } from "vitest";
import { Engine, type Frame } from "../../bindings/core/engine.ts";
import type { CoreExports } from "../../bindings/core/generated/exports.ts";
import { AEAD_AES128GCM, KEM_X25519 } from "../../bindings/core/generated/layout.ts";
import { STATUS_ARGUMENT, STATUS_LIMIT, STATUS_OK } from "../../bindings/core/generated/status.ts";
import { Secret } from "../../bindings/core/secret.ts";
import { systemRandom } from "../../bindings/crypto/random.ts";
import { cipherSuite } from "../../bindings/crypto/suite.ts";
import { makeWelcomes, type WelcomeInput } from "../../bindings/group/welcome.ts";
import { RatchetTree } from "../../bindings/tree/ratchettree.ts";
import { groupInfo, keyPackage } from "../support/samples.ts";
import { engine, seed, treeSuite } from "../support/tree.ts";
import { keyPairOf } from "../support/treekem.ts";

const VECTOR_LIMIT = 0x3fff_ffff;

interface Call {
  readonly suite?: number;
  readonly kem?: number;
  readonly psksLength?: number;
  readonly count: number;
}

/** What `groupSecretsSeal` answers in a tree of this suite, with room for one member's secrets. */
function seal({ suite = 1, kem = KEM_X25519, psksLength = 1, count }: Call): number {
  using tree = RatchetTree.create(engine, treeSuite(suite), seed);
  using joiner = Secret.import(engine, new Uint8Array(32).fill(1));
  return engine.frame((core, frame) => {
    const [psks, leaves, seedAt, keys] = [frame.take(1), frame.take(4), frame.take(32), frame.take(65)];
    engine.bytes.set(keyPairOf(new Uint8Array(32).fill(2)).publicKey, keys);
    const to = [0, 0, seedAt, frame.take(65), frame.take(200)] as const;
    const kind = [kem, AEAD_AES128GCM] as const;
    return core.groupSecretsSeal(tree.handle, ...kind, joiner.handle, psks, psksLength, count, keys, leaves, ...to);
  });
}

describe("GroupSecrets", () => {
  it("are not sealed where those of all members do not fit a vector", () => {
    expect(seal({ count: 1 })).toBe(STATUS_OK);
    const length = 33 + 1 + 1 + 16;
    // 2^28 plaintexts of 64 bytes are 0 bytes in 32 bits.
    const cases: Call[] = [
      { count: Math.floor(VECTOR_LIMIT / length) + 1 },
      { count: 2 ** 28, psksLength: 64 - 34 },
      { count: 2 ** 32 - 1 },
      { count: 1, psksLength: VECTOR_LIMIT },
      { count: 0, psksLength: 2 ** 30 },
      { count: 2, psksLength: 2 ** 32 - 34 },
    ];
    for (const call of cases) {
      expect(seal(call)).toBe(STATUS_LIMIT);
      expect(engine.core.treeErrorRule()).toBe(0);
    }
    expect(engine.poisoned).toBe(false);
  });

  it("are sealed under the tree's own KEM alone", () => {
    expect(seal({ count: 1, suite: 2 })).toBe(STATUS_ARGUMENT);
    expect(seal({ count: 1, kem: 0x10 })).toBe(STATUS_ARGUMENT);
    expect(seal({ count: 1, suite: 2, kem: 0x10 })).toBe(STATUS_ARGUMENT);
  });

  it("of a Welcome that do not fit are refused before room is taken for them", () => {
    // As with PSK identifiers of 2^30 bytes: four ciphertexts have 2^32 bytes, which is 0 in 32 bits.
    class Wide extends Engine {
      override frame<T>(operation: (core: CoreExports, frame: Frame) => T): T {
        return super.frame((core, frame) => operation({ ...core, groupSecretsLength: () => 2 ** 30 }, frame));
      }
    }
    const wide = new Wide();
    using tree = RatchetTree.create(wide, treeSuite(1), seed);
    const [welcomeSecret, joinerSecret] = [1, 2].map((fill) => Secret.import(wide, new Uint8Array(32).fill(fill)));
    const { publicKey } = keyPairOf(new Uint8Array(32).fill(2));
    const input = {
      suite: cipherSuite(wide, 1),
      random: systemRandom,
      tree,
      epoch: { secrets: { welcomeSecret, joinerSecret } },
      groupInfo,
      added: [0, 1, 2, 3].map((leafIndex) => ({ leafIndex, keyPackage: { ...keyPackage, initKey: publicKey } })),
      psks: [],
      membersPerWelcome: 4,
      path: undefined,
    } as unknown as WelcomeInput;
    expect(() => makeWelcomes(input)).toThrow(expect.objectContaining({ code: "ERR_LIMIT" }));
    expect(wide.poisoned).toBe(false);
  });
});
