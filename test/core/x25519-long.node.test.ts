import { expect, it } from "vitest";
import { toHex } from "../support/bytes.ts";
import { iterate } from "../support/x25519.ts";

// Two to six minutes: only with GROVE_LONG=1.
it.skipIf(process.env["GROVE_LONG"] !== "1")(
  "gives the answer of RFC 7748 after 1,000,000 iterations (skipped unless GROVE_LONG=1: 1 case)",
  { timeout: 600_000 },
  () => {
    expect(toHex(iterate(1_000_000))).toBe("7c3911e0ab2586fd864497297e575e6f3bc601c0883c30df5f4dd2d24f665424");
  },
);
