// The actions that lead into another group.

import { agree, extensionsOf, type Stage } from "./stage.ts";
import { flag, names, number, type Step, text } from "./script.ts";

/** Ends the group by a ReInit and makes its successor, in which all go on. */
export async function reInit(stage: Stage, { parameters }: Step): Promise<void> {
  const [proposer, committer, welcomer] = ["proposer", "committer", "welcomer"].map((key) => text(parameters, key)) as [
    string,
    string,
    string,
  ];
  const everyone = new Set([committer, welcomer, ...names(parameters, "members"), ...(proposer ? [proposer] : [])]);
  const groupId = stage.newGroupId(flag(parameters, "changegroupid"));
  if (flag(parameters, "changeciphersuite")) stage.changeCipherSuite();
  const { cipherSuite } = stage;
  const proposal =
    proposer === ""
      ? stage.message(number(parameters, "externalreinitproposal"), "proposal")
      : (
          await stage.call(proposer, "reInitProposal", {
            stateId: stage.state(proposer),
            cipherSuite,
            groupId,
            extensions: extensionsOf(parameters),
          })
        ).proposal;

  const list = { byReference: [proposal], byValue: [], forcePath: false, externalTree: false };
  const { commit } = await stage.call(committer, "reInitCommit", { stateId: stage.state(committer), ...list });
  const own = await stage.call(committer, "handlePendingReInitCommit", { stateId: stage.state(committer) });
  const ended = new Map([[committer, own]]);
  for (const member of everyone) {
    if (member === committer) continue;
    const request = { stateId: stage.state(member), proposal: [proposal], commit };
    const end = await stage.call(member, "handleReInitCommit", request);
    agree(member, end.epochAuthenticator, own.epochAuthenticator);
    ended.set(member, end);
  }

  const others = [...ended].filter(([member]) => member !== welcomer);
  const externalTree = flag(parameters, "externaltree");
  const founded = await stage.call(welcomer, "reInitWelcome", {
    reinitId: ended.get(welcomer)!.reinitId,
    keyPackage: others.map(([, { keyPackage }]) => keyPackage),
    forcePath: flag(parameters, "forcepath"),
    externalTree,
  });
  stage.enter(welcomer, founded.stateId);
  for (const [member, { reinitId }] of others) {
    const { welcome, ratchetTree } = founded;
    const joined = await stage.call(member, "handleReInitWelcome", { reinitId, welcome, ratchetTree });
    agree(member, joined.epochAuthenticator, founded.epochAuthenticator);
    stage.enter(member, joined.stateId);
  }
}

/** Branches a group off; the states of the old one are forgotten. */
export async function branch(stage: Stage, { actor, parameters }: Step): Promise<void> {
  const { cipherSuite } = stage;
  const joiners = [];
  for (const member of names(parameters, "members")) {
    const made = await stage.call(member, "createKeyPackage", { cipherSuite, identity: stage.identity(member) });
    joiners.push({ member, ...made });
  }
  const founder = stage.state(actor);
  const founded = await stage.call(actor, "createBranch", {
    stateId: founder,
    groupId: stage.random.bytes(16),
    extensions: extensionsOf(parameters),
    keyPackages: joiners.map(({ keyPackage }) => keyPackage),
    forcePath: flag(parameters, "forcepath"),
    externalTree: flag(parameters, "externaltree"),
  });
  for (const { member, transactionId } of joiners) {
    const { welcome, ratchetTree } = founded;
    const former = stage.state(member);
    const joined = await stage.call(member, "handleBranch", { stateId: former, transactionId, welcome, ratchetTree });
    agree(member, joined.epochAuthenticator, founded.epochAuthenticator);
    stage.enter(member, joined.stateId);
    await stage.call(member, "free", { stateId: former });
  }
  stage.enter(actor, founded.stateId);
  await stage.call(actor, "free", { stateId: founder });
}
