// `grove tree`: draws the ratchet tree of a GroupInfo, of a Welcome that can be opened, or a tree alone.

import { parseArgs } from "node:util";
import { acceptAnyCredential, cipherSuites, type SuitePlugin } from "../bindings/index.ts";
import { type Json, toJSON } from "../json/index.ts";
import { bytesIn, encodingOf, InputError, readInput } from "./input.ts";
import { restoreClient } from "./keyfile.ts";
import type { Output } from "./output.ts";
import { loadSuites } from "./suites.ts";
import { quoted } from "./terminal.ts";
import { drawTree } from "./treedrawing.ts";
import { HashedTree, type JsonNode } from "./treehash.ts";
import { onlyPath, wholeNumber } from "./usage.ts";

/** A tree, and what is known of the group that it belongs to. */
interface Found {
  readonly nodes: readonly JsonNode[];
  readonly cipherSuite: number;
  readonly group?: { readonly groupId: string; readonly epoch: string; readonly treeHash: string };
}

interface GroupInfoJson {
  readonly groupContext: {
    readonly cipherSuite: number;
    readonly groupId: string;
    readonly epoch: string;
    readonly treeHash: string;
  };
  readonly extensions: readonly { readonly ratchetTree?: readonly JsonNode[] }[];
}

/** Runs `grove tree ...`; the exit code. */
export async function runTree(args: readonly string[], output: Output): Promise<number> {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      in: { type: "string" },
      keys: { type: "string" },
      suite: { type: "string", default: "1" },
      tree: { type: "string" },
    },
  });
  const path = onlyPath("tree", positionals);
  const encoding = encodingOf(values.in);
  const suite = wholeNumber(values.suite, "suite", 1, 7);
  const bytes = bytesIn(readInput(path), encoding);
  const apart = values.tree === undefined ? undefined : bytesIn(readInput(values.tree), encoding);
  const found = look(bytes, apart, values.keys, suite, (await loadSuites()) ?? []);
  const { hashLength } = cipherSuites.find(({ id }) => id === found.cipherSuite) ?? {};
  if (hashLength === undefined) throw new InputError(`cipher suite ${found.cipherSuite} is unknown`);
  const tree = new HashedTree(found.nodes, hashLength);
  const { paint } = output;
  const members = found.nodes.filter((node) => node?.kind === "leaf").length;
  const counts = `${members} members, ${(tree.nodes.length + 1) / 2} leaves`;
  const { group } = found;
  if (group !== undefined) {
    const name = quoted(Buffer.from(group.groupId, "hex")) ?? group.groupId;
    output.print(`group ${paint.strong(name)}, epoch ${group.epoch}, cipher suite ${found.cipherSuite}, ${counts}`);
  } else {
    output.print(counts);
  }
  for (const line of drawTree(tree, paint)) output.print(line);
  const { treeHash } = tree;
  const isRight = group === undefined || group.treeHash === treeHash;
  output.print(`tree hash ${treeHash}${group === undefined ? "" : isRight ? ", as in the GroupContext" : ""}`);
  if (!isRight) output.warn(`the GroupContext has the tree hash ${group.treeHash}`);
  return isRight ? 0 : 1;
}

function look(
  bytes: Uint8Array,
  apart: Uint8Array | undefined,
  keys: string | undefined,
  suite: number,
  suites: readonly SuitePlugin[],
): Found {
  // A tree that begins with a zero byte is an empty one; every MLSMessage begins with its version, 1.
  if (!(bytes[0] === 0 && bytes[1] === 1)) return { nodes: nodesIn(bytes), cipherSuite: suite };
  const message = toJSON("MLSMessage", bytes) as { kind: string; groupInfo: unknown };
  if (message.kind === "groupInfo") {
    const { groupContext, extensions } = message.groupInfo as GroupInfoJson;
    const nodes = extensions.find(({ ratchetTree }) => ratchetTree !== undefined)?.ratchetTree;
    if (nodes === undefined && apart === undefined) {
      throw new InputError("this GroupInfo has no ratchet_tree extension (--tree FILE)");
    }
    return { nodes: nodes ?? nodesIn(apart!), cipherSuite: groupContext.cipherSuite, group: groupContext };
  }
  if (message.kind !== "welcome") throw new InputError(`a ${message.kind} has no ratchet tree`);
  if (keys === undefined) throw new InputError("a Welcome is encrypted: --keys FILE opens it");
  using client = restoreClient(keys, { authenticate: acceptAnyCredential, suites });
  const group = client.join(bytes, apart === undefined ? {} : { ratchetTree: apart }).accept();
  const { groupContext } = (toJSON("MLSMessage", group.groupInfo()) as unknown as { groupInfo: GroupInfoJson })
    .groupInfo;
  return { nodes: nodesIn(group.ratchetTree()), cipherSuite: group.cipherSuite, group: groupContext };
}

function nodesIn(bytes: Uint8Array): readonly JsonNode[] {
  const nodes: Json = toJSON("RatchetTree", bytes);
  if ((nodes as readonly Json[]).length === 0) throw new InputError("the tree is empty");
  return nodes as unknown as readonly JsonNode[];
}
