// Members of generated vectors: leaves, key packages and groups of any suite.

import { defaultContext } from "../bindings/codec/context.ts";
import type { Secret } from "../bindings/core/secret.ts";
import { generateSignatureKeyPair } from "../bindings/crypto/signature.ts";
import type { CipherSuite } from "../bindings/crypto/suite.ts";
import type { Environment } from "../bindings/group/environment.ts";
import { foundGroup } from "../bindings/group/found.ts";
import type { HeldKeyPackage } from "../bindings/group/join.ts";
import { LeafTemplate } from "../bindings/group/template.ts";
import { Group } from "../bindings/group.ts";
import { defaultLimits } from "../bindings/limits.ts";
import { encodeMLSMessage } from "../bindings/message/mlsmessage.ts";
import { acceptAnyCredential, Authenticator } from "../bindings/policy.ts";
import { toHex } from "./json.ts";
import type { Tools } from "./tools.ts";

/** External PSKs by their IDs in hexadecimal. */
export type PskStore = ReadonlyMap<string, Secret>;

const GROUP_ID_LENGTH = 16;
const LIFETIME_SECONDS = 7_776_000n;

/** What groups of vectors live in: nobody's credentials are judged, and time stands still. */
export function environment(tools: Tools, psks: PskStore = new Map()): Environment {
  return {
    engine: tools.engine,
    limits: defaultLimits,
    decode: { ...defaultContext, engine: tools.engine },
    random: tools.random,
    now: () => BigInt(Date.UTC(2030, 0) / 1000),
    checkLifetime: false,
    authenticator: new Authenticator(acceptAnyCredential, undefined),
    mayResync: () => true,
    customProposals: new Map(),
    padding: () => 0,
    handshakeFormat: "private",
    heldPsk: (id) => (id.kind === "external" ? psks.get(toHex(id.pskId)) : undefined),
    greaseExtensions: () => [],
    storageKey: undefined,
  };
}

/** Somebody with a signature key. */
export class Person {
  readonly leaves: LeafTemplate;
  readonly #environment: Environment;
  readonly #tools: Tools;

  constructor(name: string, suite: CipherSuite, tools: Tools, psks?: PskStore) {
    this.#tools = tools;
    this.#environment = environment(tools, psks);
    const signatureKey = generateSignatureKeyPair(suite, tools.random);
    tools.own(signatureKey.privateKey);
    this.leaves = new LeafTemplate(
      {
        suite,
        signatureKey,
        credential: { kind: "basic", identity: new TextEncoder().encode(name) },
        supports: {},
        extensions: [],
        keyPackageLifetime: LIFETIME_SECONDS,
        sendsGrease: false,
      },
      this.#environment,
    );
  }

  keyPackage(): HeldKeyPackage & { readonly message: Uint8Array } {
    const held = this.leaves.keyPackage(false);
    for (const key of [held.initKey, held.encryptionKey]) this.#tools.own(key);
    return { ...held, message: encodeMLSMessage({ kind: "keyPackage", keyPackage: held.keyPackage }) };
  }

  createGroup(): Group {
    const groupId = this.#tools.bytes(GROUP_ID_LENGTH);
    return new Group(foundGroup(this.#environment, this.leaves, groupId, []), () => undefined);
  }
}
