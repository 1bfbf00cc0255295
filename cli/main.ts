// The `grove` command.

import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { runDemo } from "./demo.ts";
import { processOutput } from "./output.ts";
import { loadSuites, missingCurves } from "./suites.ts";
import { isStage } from "./threads.ts";
import { isUsageError, UsageError, wholeNumber } from "./usage.ts";
import { runVectors } from "./vectors.ts";

const usage = `usage: grove demo [--members N] [--suite N] [--threads N]
       grove inspect FILE|- [--as STRUCT] [--json] [--redact] [--full] [--lines] [--in binary|hex|base64]
       grove inspect FILE|- --from-json [--as STRUCT] [--hex] [--out FILE] [--lines]
       grove tree FILE|- [--tree FILE] [--keys FILE] [--suite N] [--in binary|hex|base64]
       grove keypackage IDENTITY [--suite N] [--last-resort] [--out FILE] [--keys FILE] [--print]
       grove vectors verify PATH...
       grove vectors generate KIND [--suite N] [--count N] [--seed TEXT] [--out FILE]

  demo      lets a group of N members (default 1000) live: everyone is added in one commit, a late
            member joins, members commit, messages flow, some are removed, a client is saved, killed
            and restored; prints what each step took and compares epoch authenticators at the end. The
            members are played by N threads: all processors, up to 4, from 2,000 members on
  inspect   shows what MLS bytes mean: an MLSMessage, or another STRUCT of RFC 9420 (--as KeyPackage); bytes
            may be written in hexadecimal or base64. Prints an outline, with --json all of it; --redact
            hides what belongs in no log; --lines reads a struct per line. --from-json makes the bytes of
            JSON again. Beside --as PrivateMessageContent, --content says what it holds; types of an
            application are named by --custom-proposal N and --custom-credential N
  tree      draws a ratchet tree: blank nodes, unmerged leaves, and whose commit set each node. FILE is a
            GroupInfo (with --tree where the tree is apart), a Welcome that the private FILE of --keys
            opens, or a ratchet tree alone, of cipher suite N (default 1)
  keypackage  makes a key package with a basic credential: IDENTITY.keypackage, to be published, and
            IDENTITY.keys, its private keys (mode 0600). --print prints one in hexadecimal instead
  vectors   verifies test vectors of the MLS working group: prints passed/total for every file, and
            the sum; a PATH is a file or a folder, and each case is recognised by its form.
            Generates vectors of a KIND (the name of a file of the working group, without .json)
            and cipher suite (default 1), to a file or to standard output; the same for the same seed
`;

const output = processOutput();
const { print, warn } = output;

async function demo(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      members: { type: "string", default: "1000" },
      suite: { type: "string", default: "1" },
      threads: { type: "string" },
    },
  });
  const members = wholeNumber(values.members, "members", 16, 131_072);
  const processors = members < 2_000 ? 1 : Math.min(availableParallelism(), 4);
  const threads = values.threads === undefined ? processors : wholeNumber(values.threads, "threads", 1, 8);
  const cipherSuite = wholeNumber(values.suite, "suite", 1, 7);
  const suites = await loadSuites();
  if (suites === undefined && cipherSuite !== 1 && cipherSuite !== 3) {
    warn(missingCurves);
    return 1;
  }
  return runDemo({ members, cipherSuite, threads, suites: suites ?? [], print });
}

/** Runs one command; the exit code: 0 done, 1 failed, 2 not understood. */
export async function main(args: readonly string[]): Promise<number> {
  const [command, ...rest] = args;
  try {
    switch (command) {
      case "demo":
        return await demo(rest);
      case "inspect": {
        const { runInspect } = await import("./inspect.ts");
        return runInspect(rest, output);
      }
      case "tree": {
        const { runTree } = await import("./tree.ts");
        return await runTree(rest, output);
      }
      case "keypackage": {
        const { runKeyPackage } = await import("./keypackage.ts");
        return await runKeyPackage(rest, output);
      }
      case "vectors":
        return await runVectors(rest, output);
      case undefined:
      case "help":
      case "--help":
      case "-h":
        process.stdout.write(usage);
        return command === undefined ? 2 : 0;
      default:
        throw new UsageError(`there is no command "${command}"`);
    }
  } catch (error) {
    warn(output.describe(error));
    if (isUsageError(error)) process.stderr.write(`\n${usage}`);
    return isUsageError(error) ? 2 : 1;
  }
}

// A thread of the demo runs this file too (see `threads.ts`).
if (!isStage) process.exitCode = await main(process.argv.slice(2));
