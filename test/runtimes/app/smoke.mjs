// Two members, one commit, one message each way: the same program in every runtime.
import { acceptAnyCredential, basicCredential, Client } from "grove-mls";

const text = new TextDecoder();

/**
 * What each member read, the epoch of both, and whether they hold the same secrets; as JSON.
 * @param {import("grove-mls").Engine} [engine] another than the one that is shared
 */
export function smoke(engine) {
  const [alice, bob] = ["alice", "bob"].map((name) =>
    Client.create({ credential: basicCredential(name), authenticate: acceptAnyCredential, engine }),
  );
  const room = alice.createGroup("room");
  const pending = room.commit({ add: [bob.keyPackage()] });
  pending.accept();
  const bobsRoom = bob.join(pending.welcomes[0]).accept();
  return JSON.stringify({
    bobRead: text.decode(bobsRoom.receive(room.encrypt("to bob")).data),
    aliceRead: text.decode(room.receive(bobsRoom.encrypt("to alice")).data),
    epochs: [String(room.epoch), String(bobsRoom.epoch)],
    agreed: String(room.epochAuthenticator) === String(bobsRoom.epochAuthenticator),
  });
}
