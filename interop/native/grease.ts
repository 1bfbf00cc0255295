// GREASE (RFC 9420 section 13.5) is in every leaf that Grove makes, unless it is told otherwise. A peer that refuses
// such leaves can be in no group with it, so histories with that peer do without, and this looks whether they still
// have to.

import { groveClient } from "../grove/client.ts";
import type { Difference, Peer } from "../histories/index.ts";

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** Lets the peer add somebody whose leaf has a GREASE extension; throws unless it does, or refuses as expected. */
export async function tryGrease({ name, client }: Peer, refusal: Difference | undefined): Promise<string> {
  const grove = groveClient();
  const { keyPackage } = await grove.createKeyPackage({ cipherSuite: 1, identity: text("greased") });
  await grove.close();
  const { stateId } = await client.createGroup({
    groupId: text("grease"),
    cipherSuite: 1,
    encryptHandshake: false,
    identity: text("founder"),
  });
  try {
    await client.addProposal({ stateId, keyPackage });
  } catch (error) {
    const { message } = error as Error;
    if (refusal?.error?.test(message)) return `${name}, ${refusal.rule}: ${refusal.what}`;
    throw new Error(`${name} refuses GREASE: ${message}`, { cause: error });
  }
  if (refusal !== undefined) throw new Error(`${name} takes GREASE by now: let it be in the histories`);
  return `${name} takes GREASE`;
}
