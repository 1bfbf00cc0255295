// What a joiner must find out about a Welcome (RFC 9420 section 12.4.3.1): its GroupSecrets byte by byte,
// the tree behind it, who signed it.
import { describe, expect, it } from "vitest";
import { signatureKeyPair } from "../../bindings/crypto/signature.ts";
import { joinByWelcome, type JoinInput } from "../../bindings/group/join.ts";
import { type Client, type ClientOptions, type MlsError } from "../../bindings/index.ts";
import { isGrease } from "../../bindings/message/grease.ts";
import { encodeGroupSecrets, type GroupSecrets } from "../../bindings/message/welcome.ts";
import { nist } from "../../bindings/suites/nist.ts";
import { refusalOf, keyPackageIn, publicClient, resignedLeaf, rulesOf } from "../support/forge.ts";
import { forgedWelcome, type WelcomeFraud } from "../support/welcome.ts";

/** Refused: the rules, with the key package kept and nothing left in the core. */
function refusal(fraud: WelcomeFraud, ratchetTree?: Uint8Array): MlsError {
  const { joiner, founder, welcome } = forgedWelcome(fraud);
  const { core } = founder.state.environment.engine;
  const before = core.handlesInUse();
  const error = refusalOf(() => joiner.join(welcome, ratchetTree === undefined ? {} : { ratchetTree }));
  expect(core.handlesInUse()).toBe(before);
  expect([joiner.unusedKeyPackages, joiner.groups]).toEqual([1, []]);
  return error;
}

const external = (pskNonce: Uint8Array): GroupSecrets["psks"][number] => {
  return { kind: "external", pskId: Uint8Array.of(7), pskNonce };
};

/** Where the parts of honest GroupSecrets lie: header and 32 bytes, presence octet, header of no PSKs. */
const PRESENCE = 33;
const PSKS = 34;

function changed(bytes: Uint8Array, at: number, to: number): Uint8Array {
  return Uint8Array.from(bytes, (byte, i) => (i === at ? to : byte));
}

describe.each([1, 2, 3])("GroupSecrets under suite %i are refused with", (cipherSuite) => {
  const options: Partial<ClientOptions> = { cipherSuite, suites: nist };
  const codeOf = (secrets: (honest: GroupSecrets) => Uint8Array): string => refusal({ options, secrets }).code;

  it("nothing wrong: accepted", () => {
    const { joiner, welcome } = forgedWelcome({ options });
    expect(joiner.join(welcome).accept().memberCount).toBe(2);
  });

  it("MLS-2.1.2-07: bytes missing or left over, at every length", () => {
    for (let length = 0; length < PSKS + 1; length++) {
      expect(codeOf((honest) => encodeGroupSecrets(honest).subarray(0, length))).toBe("ERR_MALFORMED");
    }
    expect(codeOf((honest) => Uint8Array.of(...encodeGroupSecrets(honest), 0))).toBe("ERR_MALFORMED");
  });

  it.each([0, 31, 33, 63, 64])("a joiner_secret of %i bytes (MLS-12.4.3.1-09)", (length) => {
    expect(codeOf((honest) => encodeGroupSecrets({ ...honest, joinerSecret: new Uint8Array(length) }))).toBe(
      "ERR_MALFORMED",
    );
  });

  it.each([0, 31, 33, 64])("a path_secret of %i bytes (MLS-12.4.3.1-09)", (length) => {
    expect(codeOf((honest) => encodeGroupSecrets({ ...honest, pathSecret: new Uint8Array(length) }))).toBe(
      "ERR_MALFORMED",
    );
  });

  it("MLS-2.1.1-01, MLS-2.1.2-01, -02: a wrong octet of presence, a length in too many bytes, prefix 11", () => {
    for (const octet of [2, 0x80, 0xff]) {
      expect(codeOf((honest) => changed(encodeGroupSecrets(honest), PRESENCE, octet))).toBe("ERR_MALFORMED");
    }
    for (const header of [[0x40, 0], [0x80, 0, 0, 0], [0xc0]]) {
      const long = (honest: GroupSecrets): Uint8Array =>
        Uint8Array.of(...encodeGroupSecrets(honest).subarray(0, PSKS), ...header);
      expect(codeOf(long)).toBe("ERR_MALFORMED");
    }
    const twoBytes = (honest: GroupSecrets): Uint8Array =>
      Uint8Array.of(0x40, 0x20, ...encodeGroupSecrets(honest).subarray(1));
    expect(codeOf(twoBytes)).toBe("ERR_MALFORMED");
  });

  it("MLS-8.4-01, MLS-8.4-03, MLS-12.4.3.1-28: PSKs of no known kind, with a wrong nonce, or that are not held", () => {
    const psk = (id: GroupSecrets["psks"][number]) => (honest: GroupSecrets) =>
      encodeGroupSecrets({ ...honest, psks: [id] });
    for (const type of [0, 3, 255]) {
      const kind = (honest: GroupSecrets): Uint8Array =>
        changed(psk(external(new Uint8Array(32)))(honest), PSKS + 1, type);
      expect(codeOf(kind)).toBe("ERR_MALFORMED");
    }
    expect(codeOf(psk(external(new Uint8Array(32))))).toBe("ERR_PSK");
    for (const length of [0, 31, 33]) {
      const { joiner, welcome } = forgedWelcome({ options, secrets: psk(external(new Uint8Array(length))) });
      joiner.addPsk(Uint8Array.of(7), new Uint8Array(32));
      expect(refusalOf(() => joiner.join(welcome))).toMatchObject({ code: "ERR_PSK", rule: "MLS-8.4-03" });
    }
  });

  it("DEF-06: more PSKs than the limit on proposals", () => {
    const limited = { ...options, limits: { proposals: 3 } };
    const psks = Array.from({ length: 4 }, () => external(new Uint8Array(32)));
    const secrets = (honest: GroupSecrets): Uint8Array => encodeGroupSecrets({ ...honest, psks });
    expect(refusal({ options: limited, secrets }).code).toBe("ERR_LIMIT");
  });

  it("MLS-12.4.3.1-15, -16: a path_secret for a node that is blank", () => {
    const secrets = (honest: GroupSecrets): Uint8Array =>
      encodeGroupSecrets({ ...honest, pathSecret: new Uint8Array(32).fill(1) });
    expect(refusal({ options, secrets })).toMatchObject({ code: "ERR_WELCOME", rule: "MLS-12.4.3.1-16" });
  });

  it("MLS-12.4.3.1-16: a path_secret that is not the one of the tree", () => {
    const tree: WelcomeFraud["tree"] = (staged, founder) => {
      const parentHash = staged.setPath(0, [keyPackageIn(publicClient("x", options).keyPackage()).initKey]);
      const source = { kind: "commit", parentHash } as const;
      const { initKey } = keyPackageIn(publicClient("x", options).keyPackage());
      staged.setLeaf(0, resignedLeaf(founder, founder.state.ownLeaf, { source, encryptionKey: initKey }).encoded);
    };
    const { joiner, welcome } = forgedWelcome({ options, tree });
    expect(joiner.join(welcome).accept().memberCount).toBe(2);
    const secrets = (honest: GroupSecrets): Uint8Array =>
      encodeGroupSecrets({ ...honest, pathSecret: new Uint8Array(32).fill(1) });
    expect(refusal({ options, tree, secrets })).toMatchObject({ code: "ERR_WELCOME", rule: "MLS-12.4.3.1-16" });
  });
});

describe("a Welcome is refused when", () => {
  it("MLS-12.4.3.1-13: a parent hash of the tree is wrong, or a leaf is not valid", () => {
    const { initKey } = keyPackageIn(publicClient("x").keyPackage());
    const wrong: WelcomeFraud["tree"] = (staged, founder) => {
      staged.setPath(0, [initKey]);
      const source = { kind: "commit", parentHash: new Uint8Array(32) } as const;
      staged.setLeaf(0, resignedLeaf(founder, founder.state.ownLeaf, { source }).encoded);
    };
    expect(refusal({ tree: wrong })).toMatchObject({ code: "ERR_PARENT_HASH", rule: "MLS-7.9.2-02" });
    const expired: WelcomeFraud["tree"] = (staged, founder) => {
      const source = { kind: "keyPackage", lifetime: { notBefore: 1n, notAfter: 2n } } as const;
      staged.update(0, resignedLeaf(founder, founder.state.ownLeaf, { source }).encoded);
    };
    expect(refusal({ tree: expired })).toMatchObject({ code: "ERR_LEAF_NODE", rule: "MLS-7.3-08" });
    const elsewhere: WelcomeFraud["tree"] = (staged, founder) => {
      const source = { kind: "update" } as const;
      staged.update(0, resignedLeaf(founder, founder.state.ownLeaf, { source }, { leafIndex: 1 }).encoded);
    };
    expect(refusal({ tree: elsewhere })).toMatchObject({ code: "ERR_SIGNATURE", rule: "MLS-7.3-03" });
  });

  it("MLS-12.4.3.3-05, MLS-12.4.3.1-12: the tree that came another way is another one", () => {
    const other = publicClient("other").createGroup("room").ratchetTree();
    expect(refusal({}, other)).toMatchObject({ code: "ERR_TREE_HASH", rule: "MLS-12.4.3.1-12" });
  });

  it("MLS-12.4.3.1-27: it is signed with our own leaf", () => {
    const { suite } = forgedWelcome().founder.state;
    const key = signatureKeyPair(suite, new Uint8Array(32).fill(8));
    // Of the two clients that are made, the founder comes first.
    const keys = [new Uint8Array(32).fill(9), new Uint8Array(32).fill(8)];
    const options = Object.defineProperty({}, "signaturePrivateKey", { enumerable: true, get: () => keys.shift() });
    const error = refusal({ options, signer: { leafIndex: 1, key } });
    expect(error).toMatchObject({ code: "ERR_WELCOME", rule: "MLS-12.4.3.1-27" });
    key.privateKey.wipe();
  });

  it("MLS-12.4.3.1-26, MLS-5.1-01, MLS-12.4.3.1-08: its suite is not ours, or not the key package's", () => {
    expect(refusal({ cipherSuite: 3 })).toMatchObject({ code: "ERR_UNSUPPORTED", rule: "MLS-12.4.3.1-26" });
    const keyPackage = keyPackageIn(publicClient("x").keyPackage());
    const input = { held: { keyPackage }, welcome: { cipherSuite: 3 } } as unknown as JoinInput;
    expect(refusalOf(() => joinByWelcome(input))).toMatchObject({ code: "ERR_WELCOME", rule: "MLS-12.4.3.1-08" });
    const group = publicClient("y").createGroup("room");
    const client = publicClient("z", { cipherSuite: 3 });
    const outside = (): unknown => client.joinExternal(group.groupInfo());
    expect(refusalOf(outside)).toMatchObject({ code: "ERR_UNSUPPORTED", rule: "MLS-5.1-01" });
  });

  it("MLS-12.4.3.1-26: several things are wrong, the first in the RFC's order is told", () => {
    const secrets = (honest: GroupSecrets): Uint8Array =>
      encodeGroupSecrets({ ...honest, joinerSecret: new Uint8Array(32), psks: [external(new Uint8Array(32))] });
    // The PSK is asked for before the GroupInfo is opened, that before the tree, the tree before the extensions.
    const context = { treeHash: new Uint8Array(32) };
    const lacking = [{ extensionType: 0xf777, extensionData: new Uint8Array(0) }];
    const extensions = (): typeof lacking => lacking;
    expect(refusal({ secrets, context, extensions }).code).toBe("ERR_PSK");
    const wrongJoiner = (honest: GroupSecrets): Uint8Array =>
      encodeGroupSecrets({ ...honest, joinerSecret: new Uint8Array(32) });
    expect(refusal({ secrets: wrongJoiner, context, extensions }).code).toBe("ERR_DECRYPT");
    expect(refusal({ context, extensions }).code).toBe("ERR_TREE_HASH");
    expect(rulesOf(refusal({ extensions }))).toContain("MLS-13.4-08"); // MLS-12.4.3-03
  });

  it("MLS-13.5-08: the group uses a GREASE value as an extension, although our leaf lists it", () => {
    const listed = (joiner: Client): number[] => {
      const { capabilities } = keyPackageIn(joiner.keyPackage()).leafNode;
      return capabilities.extensions.filter(isGrease);
    };
    expect(listed(publicClient("x"))).toHaveLength(1);
    const every = Array.from({ length: 15 }, (_, i) => 0x0a0a + 0x1010 * i);
    const data = new Uint8Array(0);
    // Whichever of the fifteen our leaf happens to list, none is a capability.
    const all = { extensions: () => every.map((extensionType) => ({ extensionType, extensionData: data })) };
    expect(refusal(all)).toMatchObject({ rule: "MLS-13.4-08" });
    const supports = { extensions: every };
    for (const extensionType of every) {
      const options = { supports, grease: false };
      const extensions = (): [{ extensionType: number; extensionData: Uint8Array }] => [
        { extensionType, extensionData: data },
      ];
      expect(refusal({ options, extensions })).toMatchObject({ rule: "MLS-13.4-08" });
    }
  });
});
