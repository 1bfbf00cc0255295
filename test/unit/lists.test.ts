// The rules on lists of proposals by themselves (RFC 9420 sections 12.2 and 12.4): a pure function.
import { describe, expect, it } from "vitest";
import { defaultContext } from "../../bindings/codec/context.ts";
import type { Proposal } from "../../bindings/message/proposals.ts";
import {
  type CustomTraits,
  type ListContext,
  needsPath,
  type ProposalInContext,
  type Proposer,
  validateProposalList,
} from "../../bindings/validate/proposals.ts";
import { errorOf, rulesOf } from "../support/forge.ts";
import * as samples from "../support/samples.ts";

const context = (committer: number | undefined): ListContext => ({
  committer,
  version: 1,
  hashLength: 32,
  isMember: (leafIndex) => leafIndex < 4,
  successor: undefined,
  decode: defaultContext,
  custom: new Map<number, CustomTraits>([
    [0xf001, { external: false, path: false, validate: undefined }],
    [0xf002, { external: true, path: true, validate: undefined }],
  ]),
});

const init: Proposal = { kind: "externalInit", kemOutput: new Uint8Array(32) };
const remove = (removed: number): Proposal => ({ kind: "remove", removed });
const psk = (length = 32, name = 1): Proposal => ({
  kind: "psk",
  psk: { kind: "external", pskId: Uint8Array.of(name), pskNonce: new Uint8Array(length) },
});
const branch: Proposal = {
  kind: "psk",
  psk: {
    kind: "resumption",
    usage: "branch",
    pskGroupId: Uint8Array.of(1),
    pskEpoch: 1n,
    pskNonce: new Uint8Array(32),
  },
};
const reInit: Proposal = { kind: "reInit", groupId: Uint8Array.of(9), version: 1, cipherSuite: 1, extensions: [] };
const extensions: Proposal = { kind: "groupContextExtensions", extensions: [] };
const add: Proposal = { kind: "add", keyPackage: samples.keyPackage };
const update: Proposal = { kind: "update", leafNode: samples.keyPackage.leafNode };
const custom = (proposalType: number): Proposal => ({ kind: "custom", proposalType, data: new Uint8Array(0) });

const outside: Proposer = { kind: "new-member" };
const inline = (proposal: Proposal, proposer: Proposer): ProposalInContext => {
  return { proposal, proposer, byReference: false };
};
const refused = (list: readonly ProposalInContext[], committer: number | undefined): string[] =>
  rulesOf(errorOf(() => validateProposalList(list, context(committer))));

describe("the list of an external commit", () => {
  const of = (...list: Proposal[]): ProposalInContext[] => list.map((proposal) => inline(proposal, outside));

  it("MLS-12.2-20: may hold an ExternalInit, one Remove and PSKs, in any order", () => {
    for (const list of [[init], [init, remove(0)], [psk(32, 1), remove(3), psk(32, 2), init]]) {
      validateProposalList(of(...list), context(undefined));
    }
  });

  it.each<[string, string, Proposal[]]>([
    ["MLS-12.2-16", "no ExternalInit", [remove(0)]],
    ["MLS-12.2-16", "nothing at all", []],
    ["MLS-12.2-16", "two", [init, init]],
    ["MLS-12.2-17", "two Removes", [init, remove(0), remove(1)]],
    ["MLS-12.2-19", "an Add", [init, add]],
    ["MLS-12.2-19", "GroupContextExtensions", [init, extensions]],
    ["MLS-12.2-19", "a custom type", [init, custom(0xf001)]],
    ["MLS-12.2-11", "a ReInit", [init, reInit]],
    // MLS-12.2-22: what is wrong with one proposal is wrong here too.
    ["MLS-8.4-03", "a nonce that is short", [init, psk(31)]],
    ["MLS-12.2-01", "one PSK twice", [init, psk(), psk()]],
    ["MLS-12.1.4-02", "a PSK of usage branch", [init, branch]],
    ["MLS-12.1.3-03", "a Remove of nobody", [init, remove(4)]],
    ["MLS-12.1.2-02", "an Update", [init, update]],
  ])("%s: is refused with %s", (rule, _what, list) => {
    expect(refused(of(...list), undefined)).toContain(rule);
  });

  it("MLS-12.4.3.2-04: is refused with anything by reference", () => {
    const proposer = { kind: "member", leafIndex: 1 } as const;
    expect(refused([...of(init), { proposal: psk(), proposer, byReference: true }], undefined)).toContain(
      "MLS-12.4.3.2-04",
    );
  });
});

describe("the list of a member's commit", () => {
  const committer: Proposer = { kind: "member", leafIndex: 0 };

  it("MLS-12.2-02, MLS-12.2-03: is refused whole for one bad proposal, wherever it stands; the error says where", () => {
    const good = [psk(32, 1), psk(32, 2), remove(1)].map((proposal) => inline(proposal, committer));
    validateProposalList(good, context(0));
    for (let at = 0; at <= good.length; at++) {
      const list = [...good.slice(0, at), inline(psk(31, 9), committer), ...good.slice(at)];
      const error = errorOf(() => validateProposalList(list, context(0)));
      expect(error).toMatchObject({ code: "ERR_PROPOSAL_LIST", rule: "MLS-12.2-03", index: at });
    }
  });

  it("MLS-12.1.2-02: takes an Update from members alone", () => {
    for (const proposer of [outside, { kind: "external", senderIndex: 0 }] as const) {
      expect(refused([{ proposal: update, proposer, byReference: true }], 0)).toContain("MLS-12.1.2-02");
    }
  });

  it("MLS-12.1.8-04: takes custom types from outside if they are registered so", () => {
    const proposer = { kind: "external", senderIndex: 0 } as const;
    validateProposalList([{ proposal: custom(0xf002), proposer, byReference: true }], context(0));
    expect(refused([{ proposal: custom(0xf001), proposer, byReference: true }], 0)).toContain("MLS-12.1.8-03");
  });

  it("MLS-12.2-13, MLS-12.2-05, MLS-12.1.2-03: holds no ExternalInit, no Remove of the committer, no Update by value", () => {
    expect(refused([inline(init, committer)], 0)).toContain("MLS-12.2-13");
    expect(refused([inline(remove(0), committer)], 0)).toContain("MLS-12.2-05");
    expect(refused([inline(update, committer)], 0)).toContain("MLS-12.1.2-03");
  });
});

describe("DEF-02, MLS-12.4-08: a path is needed", () => {
  const { custom: types } = context(0);
  const withPath: Proposal[] = [update, remove(1), init, extensions, custom(0xf002)];
  const without: Proposal[] = [add, psk(), reInit, custom(0xf001)];
  const needs = (...list: Proposal[]): boolean =>
    needsPath(
      list.map((proposal) => inline(proposal, outside)),
      types,
    );

  it("by an empty list, and by one proposal of such a type, alone or among any others", () => {
    expect(needs()).toBe(true);
    for (const needing of withPath) {
      expect(needs(needing)).toBe(true);
      for (let at = 0; at <= without.length; at++) {
        expect(needs(...without.slice(0, at), needing, ...without.slice(at))).toBe(true);
      }
    }
  });

  it("by no others, but by a type that is not registered", () => {
    for (const each of without) expect(needs(each)).toBe(false);
    expect(needs(...without)).toBe(false);
    expect(needs(custom(0xf003))).toBe(true);
  });
});
