// The `grove` command.

import { parseArgs } from "node:util";
import { runDemo } from "./demo.ts";

const usage = `usage: grove demo [--members N] [--suite N]

  demo    lets a group of N members (default 1000) live: everyone is added in one commit, a late
          member joins, members commit, messages flow, some are removed, a client is saved, killed
          and restored; prints what each step took and compares epoch authenticators at the end
`;

/** A command line that cannot be understood. */
class UsageError extends Error {}

function wholeNumber(text: string, name: string, least: number, most: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new UsageError(`--${name} takes a whole number from ${least} to ${most}, not "${text}"`);
  }
  return value;
}

function demo(args: readonly string[]): number {
  const { values } = parseArgs({
    args: [...args],
    options: {
      members: { type: "string", default: "1000" },
      suite: { type: "string", default: "1" },
    },
  });
  return runDemo({
    members: wholeNumber(values.members, "members", 16, 131_072),
    cipherSuite: wholeNumber(values.suite, "suite", 1, 7),
    print: (line) => process.stdout.write(`${line}\n`),
  });
}

/** Runs one command; returns the exit code: 0 done, 1 failed, 2 not understood. */
export function main(args: readonly string[]): number {
  const [command, ...rest] = args;
  try {
    switch (command) {
      case "demo":
        return demo(rest);
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
    const isUsage = error instanceof UsageError || (error as { code?: string }).code?.startsWith("ERR_PARSE_ARGS");
    process.stderr.write(`grove: ${(error as Error).message}\n${isUsage ? `\n${usage}` : ""}`);
    return isUsage ? 2 : 1;
  }
}

process.exitCode = main(process.argv.slice(2));
