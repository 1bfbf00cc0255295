// What each action of a script does. The keys under which steps keep their messages are those of the
// harness's transcript.

import { agree, extensionsOf, type Stage } from "./stage.ts";
import { flag, names, number, numbers, record, records, ScriptError, type Step, text } from "./script.ts";
import { branch, reInit } from "./successors.ts";

type Action = (stage: Stage, step: Step, index: number) => Promise<void>;

/** Plays one step; an unknown action fails. */
export async function playStep(stage: Stage, step: Step, index: number): Promise<void> {
  const action = Object.hasOwn(actions, step.action) ? actions[step.action] : undefined;
  if (action === undefined) throw new ScriptError(`unknown action: ${step.action}`);
  await action(stage, step, index);
}

const nothing = new Uint8Array(0);

const createGroup: Action = async (stage, { actor, parameters }, index) => {
  const { cipherSuite, encryptHandshake } = stage;
  const groupId = stage.random.bytes(16);
  const identity = stage.identity(actor);
  const { stateId } = await stage.call(actor, "createGroup", { groupId, cipherSuite, encryptHandshake, identity });
  stage.enter(actor, stateId);
  stage.store(index, { group_id: groupId });
  const members = names(parameters, "members");
  if (members.length === 0) return;

  const joiners = [];
  for (const member of members) {
    const made = await stage.call(member, "createKeyPackage", { cipherSuite, identity: stage.identity(member) });
    joiners.push({ member, ...made });
  }
  const byValue = joiners.map(({ keyPackage }) => ({ proposalType: "add", keyPackage }) as const);
  const request = { stateId, byReference: [], byValue, forcePath: false, externalTree: false };
  const { welcome } = await stage.call(actor, "commit", request);
  const begun = await stage.call(actor, "handlePendingCommit", { stateId });
  stage.enter(actor, begun.stateId);
  for (const { member, transactionId } of joiners) {
    await join(stage, member, transactionId, welcome, nothing, begun.epochAuthenticator);
  }
};

const createKeyPackage: Action = async (stage, { actor }, index) => {
  const { cipherSuite } = stage;
  const identity = stage.identity(actor);
  const made = await stage.call(actor, "createKeyPackage", { cipherSuite, identity });
  stage.await(actor, made.transactionId);
  stage.store(index, { key_package: made.keyPackage });
};

const joinGroup: Action = async (stage, { actor, parameters }) => {
  const welcome = stage.message(number(parameters, "welcome"), "welcome");
  await join(stage, actor, stage.transaction(actor), welcome, nothing, undefined);
};

/** Joins with a Welcome; `expected` is the epoch authenticator, where it is known. */
async function join(
  stage: Stage,
  actor: string,
  transactionId: number,
  welcome: Uint8Array,
  ratchetTree: Uint8Array,
  expected: Uint8Array | undefined,
): Promise<void> {
  const { encryptHandshake } = stage;
  const identity = stage.identity(actor);
  const request = { transactionId, welcome, encryptHandshake, identity, ratchetTree };
  const { stateId, epochAuthenticator } = await stage.call(actor, "joinGroup", request);
  if (expected !== undefined) agree(actor, epochAuthenticator, expected);
  stage.enter(actor, stateId);
}

const externalJoin: Action = async (stage, { actor, parameters }, index) => {
  const externalTree = flag(parameters, "externaltree");
  const { groupInfo, ratchetTree } = await stage.call(actor, "groupInfo", {
    stateId: stage.state(actor),
    externalTree,
  });
  const joiner = text(parameters, "joiner");
  const psks = numbers(parameters, "psks").map((step) => ({
    pskId: stage.message(step, "psk_id"),
    pskSecret: stage.message(step, "psk_secret"),
  }));
  const { encryptHandshake } = stage;
  const removePrior = flag(parameters, "removeprior");
  const request = { groupInfo, ratchetTree, encryptHandshake, identity: stage.identity(joiner), removePrior, psks };
  const { stateId, commit, epochAuthenticator } = await stage.call(joiner, "externalJoin", request);
  stage.enter(joiner, stateId);
  stage.store(index, {
    group_info: groupInfo,
    ratchet_tree: ratchetTree,
    commit,
    epoch_authenticator: epochAuthenticator,
  });
  for (const member of [...names(parameters, "members"), actor]) {
    await handle(stage, member, [], commit, epochAuthenticator);
  }
};

async function handle(
  stage: Stage,
  actor: string,
  proposal: Uint8Array[],
  commit: Uint8Array,
  expected: Uint8Array | undefined,
): Promise<void> {
  const next = await stage.call(actor, "handleCommit", { stateId: stage.state(actor), proposal, commit });
  if (expected !== undefined) agree(actor, next.epochAuthenticator, expected);
  stage.enter(actor, next.stateId);
}

const installExternalPSK: Action = async (stage, { parameters }, index) => {
  const psk = { pskId: stage.random.bytes(32), pskSecret: stage.random.bytes(32) };
  for (const actor of names(parameters, "clients")) {
    await stage.call(actor, "storePSK", { stateOrTransactionId: stage.holder(actor), ...psk });
  }
  stage.store(index, { psk_id: psk.pskId, psk_secret: psk.pskSecret });
};

const groupInfo: Action = async (stage, { actor, parameters }, index) => {
  const request = { stateId: stage.state(actor), externalTree: flag(parameters, "externaltree") };
  const made = await stage.call(actor, "groupInfo", request);
  stage.store(index, { group_info: made.groupInfo, ratchet_tree: made.ratchetTree });
};

const addProposal: Action = async (stage, { actor, parameters }, index) => {
  const keyPackage = stage.message(number(parameters, "keypackage"), "key_package");
  stage.store(index, await stage.call(actor, "addProposal", { stateId: stage.state(actor), keyPackage }));
};

const updateProposal: Action = async (stage, { actor }, index) => {
  stage.store(index, await stage.call(actor, "updateProposal", { stateId: stage.state(actor) }));
};

const removeProposal: Action = async (stage, { actor, parameters }, index) => {
  const removedId = stage.identity(text(parameters, "removed"));
  stage.store(index, await stage.call(actor, "removeProposal", { stateId: stage.state(actor), removedId }));
};

const externalPSKProposal: Action = async (stage, { actor, parameters }, index) => {
  const pskId = stage.message(number(parameters, "pskid"), "psk_id");
  stage.store(index, await stage.call(actor, "externalPSKProposal", { stateId: stage.state(actor), pskId }));
};

const resumptionPSKProposal: Action = async (stage, { actor, parameters }, index) => {
  const epochId = BigInt(number(parameters, "epochid"));
  stage.store(index, await stage.call(actor, "resumptionPSKProposal", { stateId: stage.state(actor), epochId }));
};

const groupContextExtensionsProposal: Action = async (stage, { actor, parameters }, index) => {
  const request = { stateId: stage.state(actor), extensions: extensionsOf(parameters) };
  stage.store(index, await stage.call(actor, "groupContextExtensionsProposal", request));
};

const commit: Action = async (stage, { actor, parameters }, index) => {
  const externalTree = flag(parameters, "externaltree");
  const request = {
    stateId: stage.state(actor),
    byReference: stage.messages(numbers(parameters, "byreference"), "proposal"),
    byValue: records(parameters, "byvalue").map((description) => stage.describe(description)),
    forcePath: flag(parameters, "forcepath"),
    externalTree,
  };
  const made = await stage.call(actor, "commit", request);
  stage.store(index, { commit: made.commit, welcome: made.welcome });
  if (externalTree) stage.store(index, { ratchet_tree: made.ratchetTree });
};

const handlePendingCommit: Action = async (stage, { actor }, index) => {
  const next = await stage.call(actor, "handlePendingCommit", { stateId: stage.state(actor) });
  stage.enter(actor, next.stateId);
  stage.store(index, { epoch_authenticator: next.epochAuthenticator });
};

const handleCommit: Action = async (stage, { actor, parameters }) => {
  const proposals = stage.messages(numbers(parameters, "byreference"), "proposal");
  await handle(stage, actor, proposals, stage.message(number(parameters, "commit"), "commit"), undefined);
};

const fullCommit: Action = async (stage, step, index) => {
  await commit(stage, step, index);
  await handlePendingCommit(stage, step, index);
  const { parameters } = step;
  const proposals = stage.messages(numbers(parameters, "byreference"), "proposal");
  const authenticator = stage.message(index, "epoch_authenticator");
  for (const member of names(parameters, "members")) {
    await handle(stage, member, proposals, stage.message(index, "commit"), authenticator);
  }
  const tree = flag(parameters, "externaltree") ? stage.message(index, "ratchet_tree") : nothing;
  for (const joiner of names(parameters, "joiners")) {
    await join(stage, joiner, stage.transaction(joiner), stage.message(index, "welcome"), tree, authenticator);
  }
};

const protect: Action = async (stage, { actor, parameters }, index) => {
  const authenticatedData = new TextEncoder().encode(text(parameters, "authenticateddata"));
  const plaintext = new TextEncoder().encode(text(parameters, "plaintext"));
  const request = { stateId: stage.state(actor), authenticatedData, plaintext };
  const { ciphertext } = await stage.call(actor, "protect", request);
  stage.store(index, { authenticated_data: authenticatedData, plaintext, ciphertext });
};

const unprotect: Action = async (stage, { actor, parameters }) => {
  const sent = number(parameters, "ciphertext");
  const request = { stateId: stage.state(actor), ciphertext: stage.message(sent, "ciphertext") };
  const opened = await stage.call(actor, "unprotect", request);
  const isSame =
    Buffer.compare(opened.plaintext, stage.message(sent, "plaintext")) === 0 &&
    Buffer.compare(opened.authenticatedData, stage.message(sent, "authenticated_data")) === 0;
  if (!isSame) throw new Error(`${actor} reads another message than was sent`);
};

const newMemberAddProposal: Action = async (stage, { actor, parameters }, index) => {
  const info = await stage.call(actor, "groupInfo", { stateId: stage.state(actor), externalTree: false });
  const joiner = text(parameters, "joiner");
  const request = { groupInfo: info.groupInfo, identity: stage.identity(joiner) };
  const made = await stage.call(joiner, "newMemberAddProposal", request);
  stage.await(joiner, made.transactionId);
  stage.store(index, { proposal: made.proposal });
};

const addExternalSigner: Action = async (stage, { actor, parameters }, index) => {
  const signer = text(parameters, "signer");
  const { cipherSuite } = stage;
  const made = await stage.call(signer, "createExternalSigner", { cipherSuite, identity: stage.identity(signer) });
  stage.signers.push({ actor: signer, signerId: made.signerId });
  const request = { stateId: stage.state(actor), externalSender: made.externalSender };
  stage.store(index, await stage.call(actor, "addExternalSigner", request));
};

const externalSignerProposal: Action = async (stage, { actor, parameters }, index) => {
  const member = text(parameters, "member");
  const info = await stage.call(member, "groupInfo", { stateId: stage.state(member), externalTree: true });
  const signerIndex = stage.signers.findIndex((signer) => signer.actor === actor);
  const signer = stage.signers[signerIndex];
  if (signer === undefined) throw new ScriptError(`${actor} is no external sender`);
  const description = stage.describe(record(parameters, "description"));
  const { groupInfo: message, ratchetTree } = info;
  const request = { signerId: signer.signerId, signerIndex, groupInfo: message, ratchetTree, description };
  stage.store(index, await stage.call(actor, "externalSignerProposal", request));
};

const actions: Readonly<Record<string, Action>> = {
  createGroup,
  createKeyPackage,
  joinGroup,
  externalJoin,
  installExternalPSK,
  groupInfo,
  addProposal,
  updateProposal,
  removeProposal,
  externalPSKProposal,
  resumptionPSKProposal,
  groupContextExtensionsProposal,
  fullCommit,
  commit,
  handleCommit,
  handlePendingCommit,
  protect,
  unprotect,
  reinit: reInit,
  branch,
  newMemberAddProposal,
  addExternalSigner,
  externalSignerProposal,
};
