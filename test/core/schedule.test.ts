// The key schedule in the core: what it refuses before it makes any secret.
import { describe, expect, it } from "vitest";
import { Engine } from "../../bindings/core/engine.ts";
import { KDF_SHA256, SCHEDULE_WORDS } from "../../bindings/core/generated/layout.ts";
import { STATUS_ARGUMENT } from "../../bindings/core/generated/status.ts";

const LONGEST_VECTOR = 0x3fff_ffff;
const LONGEST_LABEL = LONGEST_VECTOR - "MLS 1.0 ".length;
const kdf = KDF_SHA256;

describe("the key schedule", () => {
  it("MLS-8-01: makes no secret with a label or a context that no vector holds", () => {
    const engine = new Engine();
    engine.frame((core, frame) => {
      const at = frame.put(Uint8Array.from({ length: 32 }, (_, i) => 7 * i + 1));
      const [init, commit] = [core.secretImport(at, 32), core.secretImport(at, 32)];
      const out = frame.take(4 * SCHEDULE_WORDS);
      const refused = [LONGEST_VECTOR + 1, 2 ** 31, 2 ** 32 - 1].flatMap((length) => [
        core.scheduleCommit(kdf, init, commit, 0, 0, length, out),
        core.scheduleJoin(kdf, init, 0, 0, length, out),
        core.secretExpandWithLabel(kdf, init, 0, 0, 0, length, 32),
        core.secretExpandWithLabel(kdf, init, 0, length, 0, 0, 32),
        core.secretDerive(kdf, init, 0, length),
      ]);
      refused.push(core.secretExpandWithLabel(kdf, init, 0, LONGEST_LABEL + 1, 0, 0, 32));
      refused.push(core.secretExpandWithLabel(kdf, init, 0, 0, 0, 0, 255 * 32 + 1));
      expect(refused).toEqual(refused.map(() => STATUS_ARGUMENT));
      expect(engine.copyOut(out, 4 * SCHEDULE_WORDS)).toEqual(new Uint8Array(4 * SCHEDULE_WORDS));
      expect(core.handlesInUse()).toBe(2);
    });
  });
});
