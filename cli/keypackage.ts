// `grove keypackage`: makes a key package, and keeps the private keys that open its Welcome.

import { parseArgs } from "node:util";
import { acceptAnyCredential, basicCredential, Client } from "../bindings/index.ts";
import { writeKeys } from "./keyfile.ts";
import type { Output } from "./output.ts";
import { loadSuites, missingCurves } from "./suites.ts";
import { UsageError, wholeNumber } from "./usage.ts";

/** Runs `grove keypackage ...`; the exit code. */
export async function runKeyPackage(args: readonly string[], { print, warn }: Output): Promise<number> {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      suite: { type: "string", default: "1" },
      out: { type: "string" },
      keys: { type: "string" },
      "last-resort": { type: "boolean", default: false },
      print: { type: "boolean", default: false },
    },
  });
  const [identity, ...surplus] = positionals;
  if (identity === undefined || identity === "" || surplus.length > 0) {
    throw new UsageError("keypackage takes an identity: the name in its credential");
  }
  if (values.print && (values.out !== undefined || values.keys !== undefined)) {
    throw new UsageError("--print writes no file, so it goes with neither --out nor --keys");
  }
  const isPath = /[/\\]/.test(identity);
  if (isPath && !values.print && (values.out === undefined || values.keys === undefined)) {
    throw new UsageError("an identity with a slash makes no file name: --out and --keys say where to write");
  }
  const cipherSuite = wholeNumber(values.suite, "suite", 1, 7);
  const suites = await loadSuites();
  if (suites === undefined && cipherSuite !== 1 && cipherSuite !== 3) {
    warn(missingCurves);
    return 1;
  }
  const lastResort = values["last-resort"];
  const options = {
    credential: basicCredential(identity),
    authenticate: acceptAnyCredential,
    cipherSuite,
    suites: suites ?? [],
  };
  if (values.print) {
    using client = Client.create(options);
    print(Buffer.from(client.keyPackage({ lastResort })).toString("hex"));
    warn("nobody can join with this key package: its private keys were thrown away");
    return 0;
  }
  const publicPath = values.out ?? `${identity}.keypackage`;
  const privatePath = values.keys ?? `${identity}.keys`;
  writeKeys(options, lastResort, { privatePath, publicPath });
  print(`${publicPath}: the key package, to be published`);
  print(`${privatePath}: its private keys, to be kept secret`);
  return 0;
}
