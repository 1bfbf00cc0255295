// The operations, and the public-key operations that RFC 9420 makes them cost.

/** Milliseconds of one operation of node:crypto, with keys imported: the speed of the floor. */
export interface Primitives {
  /** Ed25519, 200 bytes. */
  readonly verify: number;
  readonly sign: number;
  /** X25519: a key pair, and a shared secret. */
  readonly keygen: number;
  readonly dh: number;
}

/** Public-key operations. */
export interface Cost {
  readonly verify: number;
  readonly sign: number;
  /** HPKE encryptions: a key pair and a shared secret each. */
  readonly seal: number;
  readonly open: number;
  /** Key pairs derived from path secrets. */
  readonly derive: number;
}

/** Stretches of a run: what is compared with the floor is compared as it was in the same stretch. */
export type Phase = "adding" | "blank" | "entering" | "living";

/** One operation of the benchmark. */
export interface Operation {
  readonly name: OperationName;
  readonly title: string;
  readonly phase: Phase;
  /** What the RFC needs in a group of this size; undefined where it needs no public-key operation. */
  readonly floor: ((members: number) => Cost) | undefined;
}

const none: Cost = { verify: 0, sign: 0, seal: 0, open: 0, derive: 0 };
const levels = (members: number): number => Math.ceil(Math.log2(members));

// Every leaf's signature, and that of the GroupInfo.
const join = (n: number): Cost => ({ ...none, verify: n + 1, open: 1 });
// The commit's signature and its leaf's; the path secret of one node, whose key pair has to be derived.
const processPath = (): Cost => ({ ...none, verify: 2, open: 1, derive: 1 });

type Floor = ((members: number) => Cost) | undefined;

const table = {
  "add-many": ["one commit adds n-1", "adding", (n) => ({ ...none, verify: 2 * (n - 1), seal: n - 1, sign: 2 })],
  "join-blank": ["join, blank tree", "blank", join],
  "join-one-path": ["join, after one path", "blank", join],
  "join-filled": ["join, filled tree", "entering", join],
  "commit-blank": ["commit, blank tree", "blank", (n) => ({ ...none, seal: n - 1, derive: levels(n), sign: 2 })],
  "process-blank": ["process it", "blank", processPath],
  "commit-filled": ["commit, filled tree", "living", (n) => ({ ...none, seal: levels(n), derive: levels(n), sign: 2 })],
  "process-filled": ["process it", "living", processPath],
  "add-one-send": ["add one: send", "living", () => ({ ...none, verify: 2, seal: 1, sign: 2 })],
  "add-one-receive": ["add one: receive", "living", () => ({ ...none, verify: 3 })],
  // A removal blanks a path: where the committer's meets it, both children of every blank node are sealed to.
  "remove-one-send": [
    "remove one: send",
    "living",
    (n) => ({ ...none, seal: 2 * levels(n) - 1, derive: levels(n), sign: 2 }),
  ],
  "remove-one-receive": ["remove one: receive", "living", processPath],
  "encrypt-100": ["encrypt 100 B", "living", () => ({ ...none, sign: 1 })],
  "decrypt-100": ["decrypt 100 B", "living", () => ({ ...none, verify: 1 })],
  "encrypt-64k": ["encrypt 64 KiB", "living", () => ({ ...none, sign: 1 })],
  "decrypt-64k": ["decrypt 64 KiB", "living", () => ({ ...none, verify: 1 })],
  save: ["save the group", "living", undefined],
  restore: ["restore the group", "living", undefined],
} as const satisfies Record<string, readonly [title: string, phase: Phase, floor: Floor]>;

export type OperationName = keyof typeof table;

/** All operations, in the order in which they are shown. */
export const operations: readonly Operation[] = Object.entries(table).map(([name, [title, phase, floor]]) => ({
  name: name as OperationName,
  title,
  phase,
  floor,
}));

export const operationNames: readonly OperationName[] = operations.map(({ name }) => name);

/** When an operation is measured. */
export function phaseOf(operation: OperationName): Phase {
  return table[operation][1];
}

/** Milliseconds that a cost takes at the speed of these primitives, one operation after the other. */
export function atSpeedOf({ verify, sign, keygen, dh }: Primitives, cost: Cost): number {
  return cost.verify * verify + cost.sign * sign + cost.seal * (keygen + dh) + cost.open * dh + cost.derive * keygen;
}

/** The names in a list as people type it; throws for one that is none. */
export function parseOperations(list: string): OperationName[] {
  return list.split(",").map((name) => {
    const found = operationNames.find((known) => known === name);
    if (found === undefined) throw new Error(`no operation ${name}; there are ${operationNames.join(" ")}`);
    return found;
  });
}
