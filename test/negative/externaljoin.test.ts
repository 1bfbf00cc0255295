// A joiner from outside is as strict as one who is invited (RFC 9420 section 12.4.3.2).
import { describe, expect, it } from "vitest";
import type { Client } from "../../bindings/index.ts";
import { type ClientOptions, encodeRequiredCapabilities, ExtensionType, type Group } from "../../bindings/index.ts";
import { signGroupInfo } from "../../bindings/group/welcome.ts";
import type { GroupInfo } from "../../bindings/message/groupinfo.ts";
import { decodeMLSMessage, encodeMLSMessage } from "../../bindings/message/mlsmessage.ts";
import { refusalOf, groupOf, publicClient, rulesOf } from "../support/forge.ts";

describe("a joiner from outside refuses", () => {
  const joiner = (options: Partial<ClientOptions> = {}): Client => publicClient("dave", options);
  const rulesFor = (info: Uint8Array, options: Partial<ClientOptions> = {}): string[] => {
    const client = joiner(options);
    return rulesOf(refusalOf(() => client.joinExternal(info)));
  };

  /** A GroupInfo whose fields are changed; it is not signed again. */
  function changedInfo(group: Group, change: (info: GroupInfo) => Partial<GroupInfo>): Uint8Array {
    const decoded = decodeMLSMessage(group.groupInfo());
    if (decoded.kind !== "groupInfo") throw new Error(`a ${decoded.kind}`);
    const { groupInfo } = decoded;
    return encodeMLSMessage({ kind: "groupInfo", groupInfo: { ...groupInfo, ...change(groupInfo) } });
  }

  /** The same, signed by the member. */
  function resignedInfo(group: Group, keep: (extensionType: number) => boolean): Uint8Array {
    const decoded = decodeMLSMessage(group.groupInfo());
    if (decoded.kind !== "groupInfo") throw new Error(`a ${decoded.kind}`);
    const { suite, signatureKey, epoch, ownLeafIndex } = group.state;
    const extensions = decoded.groupInfo.extensions.filter(({ extensionType }) => keep(extensionType));
    return encodeMLSMessage({
      kind: "groupInfo",
      groupInfo: signGroupInfo(suite, signatureKey, epoch, ownLeafIndex, extensions),
    });
  }

  it("MLS-12.4.3.2-01: a GroupInfo without external_pub", () => {
    const { groups } = groupOf("alice", "bob");
    const info = resignedInfo(groups[0]!, (type) => type !== ExtensionType.externalPub);
    expect(rulesFor(info)).toEqual(["MLS-12.4.3.2-01"]);
  });

  it("MLS-12.4.3.1-06: a GroupInfo without a tree, where none is given", () => {
    const { groups } = groupOf("alice", "bob");
    const info = resignedInfo(groups[0]!, (type) => type !== ExtensionType.ratchetTree);
    expect(rulesFor(info)).toEqual(["MLS-12.4.3.1-06"]);
  });

  it("MLS-12.4.3.2-09: a GroupInfo that nobody, or somebody else, has signed, or that was changed", () => {
    const { groups } = groupOf("alice", "bob");
    for (const change of [
      () => ({ signer: 7 }),
      () => ({ signer: 1 }),
      ({ extensions }: GroupInfo) => ({ extensions: extensions.slice().reverse() }),
      ({ confirmationTag }: GroupInfo) => ({ confirmationTag: confirmationTag.map((byte) => byte ^ 1) }),
    ]) {
      expect(rulesFor(changedInfo(groups[0]!, change))).toContain("MLS-12.4.3-05");
    }
  });

  it("MLS-12.4.3.2-09: a tree of another epoch", () => {
    const { groups } = groupOf("alice", "bob");
    const [alice] = groups as [Group];
    const ratchetTree = alice.ratchetTree();
    alice.commit().accept();
    const client = joiner();
    const error = refusalOf(() => client.joinExternal(alice.groupInfo({ ratchetTree: false }), { ratchetTree }));
    expect(error).toMatchObject({ code: "ERR_TREE_HASH", rule: "MLS-12.4.3.1-12" });
  });

  it("MLS-5.3.1-03: a group with a member whom the application does not accept", () => {
    const { groups } = groupOf("alice", "bob");
    const authenticate: ClientOptions["authenticate"] = ({ leafIndex }) => leafIndex !== 1;
    const client = joiner({ authenticate });
    const error = refusalOf(() => client.joinExternal(groups[0]!.groupInfo()));
    expect(error).toMatchObject({ code: "ERR_CREDENTIAL", leafIndex: 1 });
  });

  it("MLS-13.4-08, MLS-11.1-02: a group that uses or requires what it lacks", () => {
    const unknown = 0xf111;
    const supports = { extensions: [unknown] };
    const required = { extensionTypes: [unknown], proposalTypes: [], credentialTypes: [] };
    const used = publicClient("alice", { supports }).createGroup("used", {
      extensions: [{ extensionType: unknown, extensionData: new Uint8Array(0) }],
    });
    expect(rulesFor(used.groupInfo())).toEqual(["MLS-13.4-08"]);
    const requiring = publicClient("alice", { supports }).createGroup("required", {
      extensions: [
        { extensionType: ExtensionType.requiredCapabilities, extensionData: encodeRequiredCapabilities(required) },
      ],
    });
    expect(rulesFor(requiring.groupInfo())).toContain("MLS-7.3-04");
  });

  it("MLS-5.1-01: a group of another cipher suite", () => {
    const { groups } = groupOf("alice");
    expect(rulesFor(groups[0]!.groupInfo(), { cipherSuite: 3 })).toEqual(["MLS-5.1-01"]);
  });
});
