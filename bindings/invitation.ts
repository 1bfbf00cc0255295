// What leads a client into a group, as the MLSMessage that it comes in.

import { requireBytes } from "./codec/argument.ts";
import type { DecodeContext } from "./codec/context.ts";
import type { CipherSuite } from "./crypto/suite.ts";
import { UnsupportedError, ValidationError } from "./errors.ts";
import type { GroupInfo } from "./message/groupinfo.ts";
import { decodeMLSMessage } from "./message/mlsmessage.ts";
import type { Welcome } from "./message/welcome.ts";

/** The Welcome of a message; throws for anything else, or when it is of another suite. */
export function welcomeIn(message: Uint8Array, suite: CipherSuite, decode: DecodeContext): Welcome {
  requireBytes(message, "a Welcome");
  const decoded = decodeMLSMessage(message, decode);
  if (decoded.kind !== "welcome") {
    throw new ValidationError("ERR_WELCOME", `a ${decoded.kind} instead of a Welcome`, { rule: "MLS-12.4.3.1-07" });
  }
  const { welcome } = decoded;
  if (welcome.cipherSuite === suite.id) return welcome;
  throw new UnsupportedError(
    "ERR_UNSUPPORTED",
    `a Welcome of cipher suite ${welcome.cipherSuite} instead of ${suite.id}`,
    { rule: "MLS-12.4.3.1-26", struct: "Welcome" },
  );
}

/** The GroupInfo of a message; throws for anything else. */
export function groupInfoIn(message: Uint8Array, decode: DecodeContext): GroupInfo {
  requireBytes(message, "a GroupInfo");
  const decoded = decodeMLSMessage(message, decode);
  if (decoded.kind === "groupInfo") return decoded.groupInfo;
  throw new ValidationError("ERR_GROUP_INFO", `a ${decoded.kind} instead of a GroupInfo`, {
    rule: "MLS-12.4.3.2-01",
  });
}
