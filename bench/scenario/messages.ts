// Messages in both directions, read and compared by the other side before their time counts.
import type { Contestant, Stage } from "./contest.ts";
import type { HostedGroup } from "./hosted.ts";
import { plaintext, sameBytes } from "./protocol.ts";

const kinds = [
  { encrypt: "encrypt-100", decrypt: "decrypt-100", length: 100, count: 100 },
  { encrypt: "encrypt-64k", decrypt: "decrypt-64k", length: 65_536, count: 5 },
] as const;

/** `encrypt-100`, `decrypt-100`, `encrypt-64k`, `decrypt-64k`. */
export async function exchangeMessages(
  stage: Stage,
  contestant: Contestant,
  member: string,
  { group }: HostedGroup,
): Promise<void> {
  for (const { encrypt, decrypt, length, count } of kinds) {
    if (!stage.wants(encrypt, decrypt)) continue;
    await stage.measure(contestant, encrypt, async (party) => {
      const reply = await party.ask("encrypt", { member, count, length });
      if (reply.messages.length !== count) throw new Error(`${reply.messages.length} messages instead of ${count}`);
      reply.messages.forEach((message, index) => {
        const received = group.receive(message);
        if (received.kind !== "application") throw new Error(`a message was taken for ${received.kind}`);
        requirePlaintext(received.data, index, length);
      });
      return reply;
    });
    await stage.measure(contestant, decrypt, async (party) => {
      const messages = Array.from({ length: count }, (_, index) => group.encrypt(plaintext(index, length)));
      const reply = await party.ask("decrypt", { member, messages });
      if (reply.plaintexts.length !== count) throw new Error(`${reply.plaintexts.length} messages instead of ${count}`);
      reply.plaintexts.forEach((data, index) => requirePlaintext(data, index, length));
      return reply;
    });
  }
}

function requirePlaintext(data: Uint8Array, index: number, length: number): void {
  if (!sameBytes(data, plaintext(index, length))) throw new Error("a message reads differently on the other side");
}
