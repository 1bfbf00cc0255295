// The private file that `grove keypackage` writes: a client's saved state, and the key that it is sealed under.

import { randomBytes } from "node:crypto";
import { readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { Client, type ClientOptions, type RestoreOptions } from "../bindings/index.ts";
import { InputError } from "./input.ts";

interface KeyFile {
  readonly format: "grove client 1";
  readonly storageKey: string;
  readonly state: string;
}

const format = "grove client 1";

/**
 * Makes a client and a key package; writes the package to `publicPath`, and what opens its Welcome to
 * `privatePath`, for the owner's eyes only. Neither file may exist.
 */
export function writeKeys(
  options: ClientOptions,
  lastResort: boolean,
  { privatePath, publicPath }: { readonly privatePath: string; readonly publicPath: string },
): void {
  const storageKey = randomBytes(32);
  using client = Client.create({ ...options, storageKey });
  const keyPackage = client.keyPackage({ lastResort });
  const state = Buffer.from(client.save()).toString("hex");
  const file: KeyFile = { format, storageKey: storageKey.toString("hex"), state };
  writeFileSync(privatePath, `${JSON.stringify(file)}\n`, { mode: 0o600, flag: "wx" });
  try {
    writeFileSync(publicPath, keyPackage, { flag: "wx" });
  } catch (error) {
    unlinkSync(privatePath);
    throw error;
  }
}

/** The client of such a file. The file stays as it is. */
export function restoreClient(path: string, options: RestoreOptions): Client {
  let file: Partial<KeyFile>;
  try {
    file = JSON.parse(readFileSync(path, "utf8")) as Partial<KeyFile>;
  } catch (error) {
    // What JSON.parse says quotes the file.
    if (!(error instanceof SyntaxError)) throw error;
    throw new InputError(`${path} is no file of grove keypackage`);
  }
  const { storageKey, state } = file;
  if (file.format !== format || typeof storageKey !== "string" || typeof state !== "string") {
    throw new InputError(`${path} is no file of grove keypackage`);
  }
  const [key, saved] = [storageKey, state].map((text) => Buffer.from(text, "hex"));
  if (key!.length !== 32) throw new InputError(`${path} is no file of grove keypackage`);
  return Client.restore(saved!, { ...options, storageKey: key! });
}
