// The forms of cases. They tell the kinds apart, say what is wrong with a case before anything is computed,
// and are what the types of the cases are made from.

import { fromHex, toJson } from "./json.ts";

/** Why a case does not hold: it has another form than its kind, or another value than what it describes. */
export class Difference extends Error {}

/** A form that a value in JSON can have. */
export interface Shape<T> {
  /** The value; throws a {@link Difference} that names the place. */
  read(value: unknown, place: string): T;
  /** Whether a record may lack it. */
  readonly isOptional?: true;
}

/** The form of a record. */
export interface RecordShape<T> extends Shape<T> {
  /** Whether a value has all the fields, whatever is in them. */
  fits(value: unknown): boolean;
}

/** The type of the values that a form reads. */
export type Of<S> = S extends Shape<infer T> ? T : never;

function refuse(place: string, expected: string): never {
  throw new Difference(`${place === "" ? "the case" : place} is not ${expected}`);
}

/** A byte string in hexadecimal. */
export const bytes: Shape<Uint8Array> = {
  read: (value, place) => fromHex(value) ?? refuse(place, "a hexadecimal string"),
};

export const text: Shape<string> = {
  read: (value, place) => (typeof value === "string" ? value : refuse(place, "a string")),
};

function unsigned(bits: number): Shape<number> {
  const isOne = (value: unknown): value is number =>
    typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && value < 2 ** bits;
  return { read: (value, place) => (isOne(value) ? value : refuse(place, `a uint${bits}`)) };
}

export const uint16: Shape<number> = unsigned(16);
export const uint32: Shape<number> = unsigned(32);

/** Numbers from 2^53 on are refused: JSON.parse has rounded them. */
export const uint64: Shape<bigint> = {
  read: (value, place) => BigInt(unsigned(64).read(value, place)),
};

export function list<T>(element: Shape<T>): Shape<readonly T[]> {
  return {
    read: (value, place) =>
      Array.isArray(value) ? value.map((item, i) => element.read(item, `${place}[${i}]`)) : refuse(place, "an array"),
  };
}

/** Also null, or left out. */
export function optional<T>(shape: Shape<T>): Shape<T | undefined> {
  return {
    isOptional: true,
    read: (value, place) => (value === null || value === undefined ? undefined : shape.read(value, place)),
  };
}

/** These fields; others are not looked at. */
export function record<F extends Record<string, Shape<unknown>>>(
  fields: F,
): RecordShape<{ readonly [Name in keyof F]: Of<F[Name]> }> {
  const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
  return {
    fits: (value) =>
      isRecord(value) && Object.entries(fields).every(([name, { isOptional }]) => isOptional ?? name in value),
    read: (value, place) => {
      if (!isRecord(value)) return refuse(place, "an object");
      const read = Object.entries(fields).map(([name, shape]) => [
        name,
        shape.read(value[name], place === "" ? name : `${place}.${name}`),
      ]);
      return Object.fromEntries(read) as { readonly [Name in keyof F]: Of<F[Name]> };
    },
  };
}

/** Throws a {@link Difference} unless the two are equal, as JSON. */
export function same(what: string, actual: unknown, expected: unknown): void {
  const [a, b] = [actual, expected].map((value) => JSON.stringify(toJson(value)));
  if (a === b) return;
  throw new Difference(`${what} is ${brief(a!)} instead of ${brief(b!)}`);
}

function brief(json: string): string {
  return json.length > 80 ? `${json.slice(0, 77)}...` : json;
}
