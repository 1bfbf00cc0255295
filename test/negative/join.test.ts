import { describe, expect, it } from "vitest";
import {
  type AuthenticationReason,
  basicCredential,
  Client,
  encodeExternalSenders,
  ExternalSender,
  ExtensionType,
  MlsError,
} from "../../bindings/index.ts";
import { makeWelcomes, ratchetTreeExtension, signGroupInfo } from "../../bindings/group/welcome.ts";
import { sealedContext } from "../../bindings/group/epoch.ts";
import type { GroupInfo } from "../../bindings/message/groupinfo.ts";
import { EpochSecrets } from "../../bindings/schedule/epoch.ts";
import { errorOf, refusalOf, keyPackageIn, publicClient, rulesOf } from "../support/forge.ts";

type Group = ReturnType<Client["createGroup"]>;

/** A Welcome of a dishonest founder: its GroupInfo is changed before it is encrypted, signed again if asked. */
function welcomeWith(
  change: (info: GroupInfo, founder: Group) => GroupInfo,
  options: { readonly resign?: boolean } = { resign: true },
): { joiner: Client; welcome: Uint8Array } {
  const founder = publicClient("founder").createGroup("room");
  const joiner = publicClient("joiner");
  const keyPackage = keyPackageIn(joiner.keyPackage());
  const { state } = founder;
  const tree = state.tree.fork();
  const leafIndex = tree.add(keyPackage.leafNode.encoded);
  const { groupContext } = state.epoch;
  const context = sealedContext({ ...groupContext, epoch: 1n, treeHash: tree.treeHash() });
  const epoch = { ...state.epoch, groupContext: context };
  const secrets = createSecrets(founder, context.encoded, tree.leafCount);
  const full = { ...epoch, secrets, confirmationTag: secrets.confirmationTag(context.confirmedTranscriptHash) };
  const honest = signGroupInfo(state.suite, state.signatureKey, full, 0, [ratchetTreeExtension(tree)]);
  const changed = change(honest, founder);
  const groupInfo = options.resign
    ? signGroupInfo(
        state.suite,
        state.signatureKey,
        { ...full, groupContext: sealedContext(changed.groupContext), confirmationTag: changed.confirmationTag },
        changed.signer,
        changed.extensions,
      )
    : changed;
  const [welcome] = makeWelcomes({
    suite: state.suite,
    random: state.environment.random,
    tree,
    epoch: full,
    groupInfo,
    added: [{ leafIndex, keyPackage, index: 0 }],
    psks: [],
    membersPerWelcome: 1,
    path: undefined,
  });
  return { joiner, welcome: welcome! };
}

function createSecrets(
  { state }: Group,
  context: Uint8Array,
  leafCount: number,
): ReturnType<typeof EpochSecrets.commit> {
  return EpochSecrets.commit(state.suite, state.epoch.secrets.initSecret, undefined, undefined, context, {
    leafCount,
    limits: state.environment.limits,
  });
}

describe("a Welcome is refused, and the key package kept, for", () => {
  it("nothing, when it is honest", () => {
    const { joiner, welcome } = welcomeWith((info) => info);
    expect(joiner.join(welcome).accept().memberCount).toBe(2);
  });

  it.each([
    ["MLS-12.4.3-05", "a signer that is nobody", (info: GroupInfo): GroupInfo => ({ ...info, signer: 7 })],
    ["MLS-12.4.3-05", "a signer at the edge", (info: GroupInfo): GroupInfo => ({ ...info, signer: 2 ** 32 - 1 })],
    ["MLS-12.4.3.1-06", "no tree", (info: GroupInfo): GroupInfo => ({ ...info, extensions: [] })],
    [
      "MLS-12.4.3.1-12",
      "another tree hash",
      (info: GroupInfo): GroupInfo => ({
        ...info,
        groupContext: { ...info.groupContext, treeHash: new Uint8Array(32) },
      }),
    ],
    [
      "MLS-12.4.3.1-12",
      "a tree without our leaf",
      (info: GroupInfo, founder: Group): GroupInfo => ({
        ...info,
        extensions: [ratchetTreeExtension(founder.state.tree)],
      }),
    ],
    [
      "MLS-12.4.3.1-14",
      "a tree without our leaf, and its hash",
      (info: GroupInfo, founder: Group): GroupInfo => ({
        ...info,
        groupContext: { ...info.groupContext, treeHash: founder.state.tree.treeHash() },
        extensions: [ratchetTreeExtension(founder.state.tree)],
      }),
    ],
    [
      "MLS-13.4-08",
      "an extension that we lack",
      (info: GroupInfo): GroupInfo => ({
        ...info,
        groupContext: {
          ...info.groupContext,
          extensions: [{ extensionType: 0xf777, extensionData: new Uint8Array(0) }],
        },
      }),
    ],
    [
      "MLS-12.4.3.1-11",
      "another suite inside",
      (info: GroupInfo): GroupInfo => ({ ...info, groupContext: { ...info.groupContext, cipherSuite: 3 } }),
    ],
    [
      "MLS-6.1-01",
      "another confirmation tag",
      (info: GroupInfo): GroupInfo => ({ ...info, confirmationTag: new Uint8Array(32) }),
    ],
    [
      "MLS-6.1-01",
      "a confirmation tag cut short",
      (info: GroupInfo): GroupInfo => ({ ...info, confirmationTag: info.confirmationTag.subarray(0, 31) }),
    ],
  ] as const)("%s: %s", (rule, _name, change) => {
    const { joiner, welcome } = welcomeWith(change);
    expect(rulesOf(refusalOf(() => joiner.join(welcome)))).toContain(rule);
    expect(joiner.unusedKeyPackages).toBe(1);
  });

  it("MLS-12.4.3-05: a GroupInfo that was changed after it was signed, or signed by its joiner", () => {
    const changed = welcomeWith((info) => ({ ...info, groupContext: { ...info.groupContext, epoch: 2n } }), {
      resign: false,
    });
    expect(refusalOf(() => changed.joiner.join(changed.welcome)).code).toBe("ERR_SIGNATURE");
    const own = welcomeWith((info) => ({ ...info, signer: 1 }));
    expect(refusalOf(() => own.joiner.join(own.welcome)).code).toBe("ERR_SIGNATURE");
  });

  it("MLS-12.4.3.1-07, MLS-12.4.3.1-21, MLS-12.4.3-04: another client, a second time, a group of the same name", () => {
    const { joiner, welcome } = welcomeWith((info) => info);
    const other = publicClient("x");
    expect(rulesOf(refusalOf(() => other.join(welcome)))).toContain("MLS-12.4.3.1-07");
    joiner.join(welcome).accept();
    expect(rulesOf(refusalOf(() => joiner.join(welcome)))).toContain("MLS-12.4.3.1-07");
    const founder = publicClient("other").createGroup("room");
    const { welcomes } = founder.commit({ add: [joiner.keyPackage()] });
    expect(rulesOf(refusalOf(() => joiner.join(welcomes[0]!)))).toContain("MLS-12.4.3-04");
  });

  it("MLS-12.4.3.1-09, -10: bytes that were changed, wherever", () => {
    const { joiner, welcome } = welcomeWith((info) => info);
    for (let at = 0; at < welcome.length; at += 3) {
      const changed = Uint8Array.from(welcome);
      changed[at]! ^= 0x40;
      expect(() => joiner.join(changed)).toThrow(MlsError);
      expect(joiner.unusedKeyPackages).toBe(1);
    }
    expect(joiner.join(welcome).accept().memberCount).toBe(2);
  });
});

describe("the Authentication Service has the last word", () => {
  it.each([
    ["key-package", "MLS-5.3.1-02"],
    ["join", "MLS-5.3.1-03"],
    ["add", "MLS-5.3.1-04"],
    ["update", "MLS-5.3.1-05"],
    ["commit", "MLS-5.3.1-06"],
    ["external-sender", "MLS-5.3.1-07"],
  ] as const)("when it refuses for reason %s (%s)", (refused: AuthenticationReason, _rule) => {
    const seen: AuthenticationReason[] = [];
    const picky = Client.create({
      credential: basicCredential("picky"),
      authenticate: ({ reason }) => {
        seen.push(reason);
        return reason !== refused;
      },
    });
    const run = (): void => {
      const other = publicClient("other");
      const founder = publicClient("founder");
      const group = founder.createGroup("one");
      const adding = group.commit({ add: [picky.keyPackage(), other.keyPackage()] });
      adding.accept();
      const atOther = other.join(adding.welcomes[0]!).accept();
      const mine = picky.join(adding.welcomes[0]!).accept();
      const deliver = (message: Uint8Array): void => {
        const received = mine.receive(message);
        if (received.kind === "commit") received.commit.discard();
      };
      deliver(group.propose({ add: publicClient("new").keyPackage() }));
      deliver(atOther.propose({ update: { credential: basicCredential("renamed") } }));
      deliver(atOther.commit({ includeReceived: false, leaf: { credential: basicCredential("renamed") } }).commit);
      mine.commit({ includeReceived: false, add: [publicClient("last").keyPackage()] }).discard();
      const server = new ExternalSender({ credential: basicCredential("server") });
      const extensionData = encodeExternalSenders([server.entry]);
      picky.createGroup("two", { extensions: [{ extensionType: ExtensionType.externalSenders, extensionData }] });
    };
    expect(errorOf(run).code).toBe("ERR_CREDENTIAL");
    expect(seen.at(-1)).toBe(refused);
  });

  it("decision 10: a deferred credential holds acceptance up until it is resolved", () => {
    const founder = publicClient("founder");
    const careful = Client.create({ credential: basicCredential("careful"), authenticate: () => "defer" });
    const group = founder.createGroup("room");
    const adding = group.commit({ add: [careful.keyPackage()] });
    adding.accept();
    const joining = careful.join(adding.welcomes[0]!);
    expect(joining.deferred).toHaveLength(2);
    expect(refusalOf(() => joining.accept()).code).toBe("ERR_STATE_DEFERRED");
    joining.deferred[0]!.resolve(true);
    joining.deferred[1]!.resolve(false);
    expect(refusalOf(() => joining.accept()).code).toBe("ERR_CREDENTIAL");
    joining.deferred[1]!.resolve(true);
    const mine = joining.accept();
    const received = mine.receive(group.commit({ add: [publicClient("x").keyPackage()] }).commit);
    if (received.kind !== "commit") throw new Error(`a ${received.kind}`);
    expect(refusalOf(() => received.commit.accept()).code).toBe("ERR_STATE_DEFERRED");
    received.commit.deferred.forEach((question) => question.resolve(true));
    received.commit.accept();
    expect(mine.memberCount).toBe(3);
  });

  it("MLS-5.3-03: an x509 credential whose certificate holds another key is refused by its own client", () => {
    expect(() =>
      Client.create({
        credential: { kind: "x509", certificates: [] },
        authenticate: () => true,
      }),
    ).toThrow(expect.objectContaining({ code: "ERR_CREDENTIAL", rule: "MLS-5.3-03" }));
  });
});
