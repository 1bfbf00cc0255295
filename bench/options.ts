// The command line of `npm run bench`.
import { parseArgs } from "node:util";
import { type OperationName, operationNames, parseOperations } from "./scenario/operations.ts";

export const implementationNames = ["grove", "ts-mls-1", "ts-mls-2", "core-crypto", "openmls", "mls-rs"] as const;
export type ImplementationName = (typeof implementationNames)[number];

export interface Options {
  readonly quick: boolean;
  /** Grove and the floor alone, in the sizes that the figures to reach are about. */
  readonly figures: boolean;
  /** Counts the time that processors spent on a process, not the time of day. */
  readonly cpu: boolean;
  readonly members: readonly number[];
  readonly only: ReadonlySet<OperationName>;
  /** Measures primitives too. */
  readonly kernels: boolean;
  readonly implementations: readonly ImplementationName[];
  /** Milliseconds that one call of a rival may take. */
  readonly limit: number;
  readonly json: string | undefined;
  readonly svg: string | undefined;
}

export const usage = `npm run bench -- [options]

  --quick                 fewer rounds and smaller groups: about 2 minutes instead of 10
  --figures               Grove alone, against the figures to reach
  --cpu                   counts processor time: for a machine that others use meanwhile (not in browsers)
  --members LIST          group sizes, such as 10,1000
  --only LIST             operations: ${operationNames.join(" ")}
  --implementations LIST  ${implementationNames.join(" ")}
  --kernels               primitives alone
  --json FILE             writes the results
  --svg DIR               draws one curve over n per operation
`;

/** Reads the arguments; throws with a message for people. */
export function parseOptions(args: readonly string[]): Options {
  const text = { type: "string" } as const;
  const flag = { type: "boolean", default: false } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: flag,
      figures: flag,
      cpu: flag,
      kernels: flag,
      help: flag,
      members: text,
      only: text,
      implementations: text,
      json: text,
      svg: text,
    },
  });
  if (values.help) throw new Error("The benchmark; bench/README.md says how to read it.");
  const { quick, figures, cpu } = values;
  return {
    quick,
    figures,
    cpu,
    members: values.members !== undefined ? parseMembers(values.members) : values.kernels ? [] : sizes(quick, figures),
    kernels: values.kernels || (!figures && values.only === undefined && values.implementations === undefined),
    only: new Set(values.only === undefined ? operationNames : parseOperations(values.only)),
    implementations: figures ? ["grove"] : parseImplementations(values.implementations),
    // Where others use the machine, a call takes longer than its own time.
    limit: (quick ? 5_000 : 20_000) * (cpu ? 10 : 1),
    json: values.json,
    svg: values.svg,
  };
}

function sizes(quick: boolean, figures: boolean): number[] {
  if (figures) return quick ? [2, 1000, 10_000] : [2, 1000, 10_000, 100_000];
  return quick ? [10, 100, 1000] : [10, 100, 1000, 10_000];
}

function parseMembers(list: string): number[] {
  return list.split(",").map((item) => {
    const members = Number(item);
    if (!Number.isInteger(members) || members < 2 || members > 100_000 || (members > 2 && members < 10)) {
      throw new Error(`a group has 2, or 10 to 100000 members, not ${item}`);
    }
    return members;
  });
}

function parseImplementations(list: string | undefined): ImplementationName[] {
  if (list === undefined) return [...implementationNames];
  return list.split(",").map((name) => {
    const found = implementationNames.find((known) => known === name);
    if (found === undefined) throw new Error(`no implementation ${name}; there are ${implementationNames.join(" ")}`);
    return found;
  });
}
