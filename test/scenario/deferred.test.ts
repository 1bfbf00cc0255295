// The Authentication Service may need time: "defer" stages a change with the question open (MLS-5.3.1-01).
import { describe, expect, it } from "vitest";
import {
  acceptAnyCredential,
  type AuthenticationAnswer,
  type AuthenticationRequest,
  basicCredential,
  Client,
  ExternalSender,
  type Group,
  MlsError,
  type PendingCommit,
} from "../../bindings/index.ts";
import { encodeExternalSenders } from "../../bindings/message/extension.ts";
import { ExtensionType } from "../../bindings/message/constants.ts";

const storageKey = new Uint8Array(32).fill(9);
const text = new TextDecoder();
const bob = Client.create({ credential: basicCredential("bob"), authenticate: acceptAnyCredential });

/** An Authentication Service that notes its questions and answers as told. */
class Service {
  answer: AuthenticationAnswer = "defer";
  readonly asked: AuthenticationRequest[] = [];

  readonly authenticate = (request: AuthenticationRequest): AuthenticationAnswer => {
    this.asked.push(request);
    return this.answer;
  };

  get names(): string[] {
    return this.asked.map(({ reason, identity }) => `${reason}: ${text.decode(identity)}`);
  }
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof MlsError) return `${error.code} ${error.rule ?? ""}`.trim();
    throw error;
  }
  return "nothing thrown";
}

function alone(service: Service): { alice: Client; group: Group } {
  const { authenticate } = service;
  const alice = Client.create({ credential: basicCredential("alice"), authenticate, storageKey });
  return { alice, group: alice.createGroup() };
}

function withSender(group: Group): PendingCommit {
  const sender = new ExternalSender({ credential: basicCredential("the gate") });
  const extensionData = encodeExternalSenders([sender.entry]);
  return group.commit({ extensions: [{ extensionType: ExtensionType.externalSenders, extensionData }] });
}

describe("a deferred credential", () => {
  it("keeps a commit from being accepted until it is resolved", () => {
    const service = new Service();
    const { group } = alone(service);
    const pending = group.commit({ add: [bob.keyPackage()] });
    expect(service.names).toEqual(["key-package: bob"]);
    expect(pending.deferred.map(({ request }) => request)).toEqual(service.asked);
    expect(codeOf(() => pending.accept())).toBe("ERR_STATE_DEFERRED");
    expect(group.epoch).toBe(0n);
    pending.deferred[0]!.resolve(true);
    pending.accept();
    expect(group.memberCount).toBe(2);
  });

  it("bars the commit when it is refused, and leaves the group as it was", () => {
    const { group } = alone(new Service());
    const pending = group.commit({ add: [bob.keyPackage()] });
    pending.deferred[0]!.resolve(false);
    expect(codeOf(() => pending.accept())).toBe("ERR_CREDENTIAL MLS-5.3.1-01");
    pending.discard();
    expect([group.epoch, group.memberCount]).toEqual([0n, 1]);
  });

  it("stages what others commit in the same way", () => {
    const service = new Service();
    service.answer = true;
    const { alice, group } = alone(service);
    const carol = Client.create({ credential: basicCredential("carol"), authenticate: acceptAnyCredential });
    const creating = carol.createGroup();
    const adding = creating.commit({ add: [alice.keyPackage()] });
    adding.accept();
    const room = alice.join(adding.welcomes[0]!).accept();
    service.answer = "defer";
    const more = creating.commit({ add: [bob.keyPackage()] });
    const received = room.receive(more.commit);
    if (received.kind !== "commit") throw new Error(received.kind);
    expect(service.names.at(-1)).toBe("add: bob");
    expect(codeOf(() => received.commit.accept())).toBe("ERR_STATE_DEFERRED");
    for (const question of received.commit.deferred) question.resolve(true);
    received.commit.accept();
    expect(room.epoch).toBe(2n);
    group.close();
  });

  // A member and an external sender; what the service says after the restart, and what comes of it.
  it.each([
    ["add: bob", "defer", "ERR_STATE_DEFERRED"],
    ["add: bob", true, "nothing thrown"],
    ["add: bob", false, "ERR_CREDENTIAL MLS-5.3.1-01"],
    ["sender", "defer", "ERR_STATE_DEFERRED"],
    ["sender", true, "nothing thrown"],
    ["sender", false, "ERR_CREDENTIAL MLS-5.3.1-01"],
  ] as const)("is asked about again after a restart (%s, then %s)", (what, answer, expected) => {
    const before = new Service();
    const { alice, group } = alone(before);
    if (what === "sender") withSender(group);
    else group.commit({ add: [bob.keyPackage()] });
    const savedClient = alice.save();
    const savedGroup = group.save();
    alice.close();

    const after = new Service();
    after.answer = answer;
    const { authenticate } = after;
    const restored = Client.restore(savedClient, { authenticate, storageKey }).restoreGroup(savedGroup);
    expect(after.names).toEqual(before.names);
    const pending = restored.pendingCommit!;
    expect(codeOf(() => pending.accept())).toBe(expected);
    if (expected !== "nothing thrown") pending.discard();
    expect(restored.epoch).toBe(expected === "nothing thrown" ? 1n : 0n);
  });

  it("that was resolved before is not asked about again", () => {
    const { alice, group } = alone(new Service());
    group.commit({ add: [bob.keyPackage()] }).deferred[0]!.resolve(true);
    const [savedClient, savedGroup] = [alice.save(), group.save()];
    alice.close();
    const after = new Service();
    const { authenticate } = after;
    const restored = Client.restore(savedClient, { authenticate, storageKey }).restoreGroup(savedGroup);
    expect(after.asked).toEqual([]);
    restored.pendingCommit!.accept();
    expect(restored.memberCount).toBe(2);
  });
});
