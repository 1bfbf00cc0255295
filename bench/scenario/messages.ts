// Messages in both directions, read and compared by the other side before their time counts.
import type { Contestant, Stage } from "./contest.ts";
import type { HostedGroup } from "./hosted.ts";
import { type Party, plaintext, sameBytes, type Timed } from "./protocol.ts";

const kinds = [
  { encrypt: "encrypt-100", decrypt: "decrypt-100", length: 100, least: 20, most: 1000 },
  { encrypt: "encrypt-64k", decrypt: "decrypt-64k", length: 65_536, least: 5, most: 50 },
] as const;

/** Milliseconds that a measured run of messages takes, as far as their number allows. */
const ENOUGH = 200;

/** `encrypt-100`, `decrypt-100`, `encrypt-64k`, `decrypt-64k`. */
export async function exchangeMessages(
  stage: Stage,
  contestant: Contestant,
  member: string,
  { group }: HostedGroup,
): Promise<void> {
  for (const { encrypt, decrypt, length, least, most } of kinds) {
    if (!stage.wants(encrypt, decrypt)) continue;
    const send = async (party: Party, count: number): Promise<Timed> => {
      const reply = await party.ask("encrypt", { member, count, length });
      if (reply.messages.length !== count) throw new Error(`${reply.messages.length} messages instead of ${count}`);
      reply.messages.forEach((message, index) => {
        const received = group.receive(message);
        if (received.kind !== "application") throw new Error(`a message was taken for ${received.kind}`);
        requirePlaintext(received.data, index, length);
      });
      return reply;
    };
    const hear = async (party: Party, count: number): Promise<Timed> => {
      const messages = Array.from({ length: count }, (_, index) => group.encrypt(plaintext(index, length)));
      const reply = await party.ask("decrypt", { member, messages });
      if (reply.plaintexts.length !== count) throw new Error(`${reply.plaintexts.length} messages instead of ${count}`);
      reply.plaintexts.forEach((data, index) => requirePlaintext(data, index, length));
      return reply;
    };
    for (const [operation, exchange] of [
      [encrypt, send],
      [decrypt, hear],
    ] as const) {
      if (stage.isBarred(contestant, operation)) continue;
      // The first few only tell how many to measure: whoever is fast is measured over more of them.
      const first = await stage.attempt(contestant, operation, (party) => exchange(party, least));
      if (first === undefined) continue; // it cannot
      const count = Math.max(least, Math.min(most, Math.round(ENOUGH / first.milliseconds)));
      await stage.measure(contestant, operation, (party) => exchange(party, count));
    }
  }
}

function requirePlaintext(data: Uint8Array, index: number, length: number): void {
  if (!sameBytes(data, plaintext(index, length))) throw new Error("a message reads differently on the other side");
}
