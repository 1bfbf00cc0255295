// What every error must say of itself.
import { expect } from "vitest";
import { type Group, MlsError } from "../../bindings/index.ts";
import { groupOf } from "./forge.ts";

/** Names that stand in the inputs, and must stand in no message. */
export const names = ["alice", "bob-the-second", "charlotte", "room", "stranger", "secretly"];
/** Three members. */
export const trio = (): [Group, Group, Group] => groupOf("alice", "bob-the-second", "charlotte").groups as never;

/** What an error and all of its causes tell of themselves must stand in their messages. */
export function explained(error: MlsError): MlsError {
  for (let at: unknown = error; at instanceof MlsError; at = at.cause) {
    const [, text = "", where] = /^([^[\]]*?)(?: \[([^[\]]*)\])?$/.exec(at.message) ?? [];
    const places = where?.split(", ") ?? [];
    expect(text).toMatch(/\w+ \w+/);
    const { struct, offset, index, leafIndex, rule } = at;
    const told = [struct, offset === undefined ? undefined : `byte ${offset}`, rule];
    told.push(
      index === undefined ? undefined : `index ${index}`,
      leafIndex === undefined ? undefined : `leaf ${leafIndex}`,
    );
    expect(places).toEqual(expect.arrayContaining(told.filter((place) => place !== undefined)));
    // One line, of text alone: no runs of digits or letters that could be bytes of the input.
    expect(at.message).toMatch(/^[ -~]{1,400}$/);
    expect(at.message).not.toMatch(/[0-9a-f]{21}/);
    for (const word of names) expect(at.message).not.toContain(word);
  }
  return error;
}

/** The first cause. */
export function innermost(error: MlsError): MlsError {
  return error.cause instanceof MlsError ? innermost(error.cause) : error;
}
