// Script files of the working group's harness: named lists of steps, each an actor's action.

/** What a step says beyond its actor and action, under lower-case names without underscores. */
export type Parameters = ReadonlyMap<string, unknown>;

export interface Step {
  readonly actor: string;
  readonly action: string;
  readonly parameters: Parameters;
}

export interface Script {
  readonly name: string;
  readonly steps: readonly Step[];
}

/** A step that cannot be played as it stands. */
export class ScriptError extends Error {
  override readonly name = "ScriptError";
}

/** Reads the text of a script file. */
export function parseScripts(text: string): Script[] {
  const file: unknown = JSON.parse(text);
  const scripts = isRecord(file) ? file["scripts"] : undefined;
  if (!isRecord(scripts)) throw new ScriptError("a script file has an object `scripts`");
  return Object.entries(scripts).map(([name, steps]) => {
    if (!Array.isArray(steps)) throw new ScriptError(`script ${name} is not a list of steps`);
    return { name, steps: steps.map(stepOf) };
  });
}

/** Everyone who needs a client: actors, first members, joiners, and signers. */
export function actorsOf({ steps }: Script): string[] {
  const actors = new Set<string>();
  for (const { actor, parameters } of steps) {
    if (actor !== "") actors.add(actor);
    const named = [...["members", "joiners", "clients"].flatMap((key) => names(parameters, key))];
    const single = ["joiner", "signer", "proposer", "committer", "welcomer", "member"];
    for (const name of [...named, ...single.map((key) => text(parameters, key))]) if (name !== "") actors.add(name);
  }
  return [...actors];
}

export function text(parameters: Parameters, key: string): string {
  const value = parameters.get(key) ?? "";
  if (typeof value !== "string") throw new ScriptError(`${key} is not a string`);
  return value;
}

export function flag(parameters: Parameters, key: string): boolean {
  const value = parameters.get(key) ?? false;
  if (typeof value !== "boolean") throw new ScriptError(`${key} is neither true nor false`);
  return value;
}

/** A number; the index of a step, mostly. */
export function number(parameters: Parameters, key: string): number {
  const value = parameters.get(key) ?? 0;
  if (!Number.isSafeInteger(value)) throw new ScriptError(`${key} is not a whole number`);
  return value as number;
}

export function numbers(parameters: Parameters, key: string): number[] {
  const value = list(parameters, key);
  if (!value.every((entry) => Number.isSafeInteger(entry))) throw new ScriptError(`${key} is not a list of numbers`);
  return value as number[];
}

export function names(parameters: Parameters, key: string): string[] {
  const value = list(parameters, key);
  if (!value.every((entry) => typeof entry === "string")) throw new ScriptError(`${key} is not a list of names`);
  return value;
}

/** A list of objects, each like the parameters of a step. */
export function records(parameters: Parameters, key: string): Parameters[] {
  return list(parameters, key).map((entry) => parametersOf(entry, key));
}

export function record(parameters: Parameters, key: string): Parameters {
  return parametersOf(parameters.get(key), key);
}

function list(parameters: Parameters, key: string): unknown[] {
  const value = parameters.get(key) ?? [];
  if (!Array.isArray(value)) throw new ScriptError(`${key} is not a list`);
  return value;
}

function stepOf(step: unknown, index: number): Step {
  const parameters = parametersOf(step, `step ${index}`);
  return { actor: text(parameters, "actor"), action: text(parameters, "action"), parameters };
}

/** The files write one name as `forcePath` and `force_path`, `changeCipherSuite` and `changeCiphersuite`. */
function parametersOf(value: unknown, what: string): Parameters {
  if (!isRecord(value)) throw new ScriptError(`${what} is not an object`);
  return new Map(Object.entries(value).map(([key, entry]) => [key.replaceAll("_", "").toLowerCase(), entry]));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
