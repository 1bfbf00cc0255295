// Members of generated vectors: leaves, key packages and groups of any suite.

import { defaultContext } from "../bindings/codec/context.ts";
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
import type { Secret } from "../bindings/core/secret.ts";
import type { Tools } from "./kind.ts";

/** What groups of vectors live in: nobody's credentials are judged, and time stands still. */
export function environment(tools: Tools, psks: ReadonlyMap<string, Secret> = new Map()): Environment {
  return {
    engine: tools.engine,
    limits: defaultLimits,
    decode: { ...defaultContext, engine: tools.engine },
    random: tools.random,
    now: () => BigInt(Date.UTC(2030, 0) / 1000),
    checkLifetime: false,
    authenticator: new Authenticator(acceptAnyCredential, undefined),
    customProposals: new Map(),
    padding: () => 0,
    handshakeFormat: "private",
    heldPsk: (id) => (id.kind === "external" ? psks.get(Buffer.from(id.pskId).toString("hex")) : undefined),
    greaseExtensions: () => [],
    storageKey: undefined,
  };
}

/** Somebody with a signature key. */
export class Person {
  readonly leaves: LeafTemplate;
  readonly #environment: Environment;

  constructor(name: string, suite: CipherSuite, tools: Tools, psks?: ReadonlyMap<string, Secret>) {
    this.#environment = environment(tools, psks);
    this.leaves = new LeafTemplate(
      {
        suite,
        signatureKey: generateSignatureKeyPair(suite, tools.random),
        credential: { kind: "basic", identity: new TextEncoder().encode(name) },
        supports: {},
        extensions: [],
        keyPackageLifetime: 7_776_000n,
        sendsGrease: false,
      },
      this.#environment,
    );
  }

  keyPackage(): HeldKeyPackage & { readonly message: Uint8Array } {
    const held = this.leaves.keyPackage(false);
    const message = encodeMLSMessage({ kind: "keyPackage", keyPackage: held.keyPackage });
    return { ...held, message };
  }

  createGroup(groupId: Uint8Array): Group {
    return new Group(foundGroup(this.#environment, this.leaves, groupId, []), () => undefined);
  }
}
