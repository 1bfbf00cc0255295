// Two people, one conversation: a group, an invitation, messages both ways, fresh keys.
//
//   npm run example two-party-chat

import { type Authenticate, basicCredential, Client, type Group } from "grove-mls";

// Who holds which signature key? MLS leaves that to an Authentication Service, which is your application's
// word: a directory, a scanned code, a certificate. Nobody is trusted unless it says so.
const directory = new Map<string, Uint8Array>();
const authenticate: Authenticate = ({ identity, signatureKey }) => {
  const known = directory.get(new TextDecoder().decode(identity));
  return known?.join() === signatureKey.join();
};

function person(name: string): Client {
  const client = Client.create({ credential: basicCredential(name), authenticate });
  directory.set(name, client.signatureKey);
  return client;
}

const alice = person("alice");
const bob = person("bob");

// Bob leaves a key package with the delivery service. With it he can be added while he is offline, once.
const bobsKeyPackage = bob.keyPackage();

// Alice starts a group with only herself in it, and adds Bob. A commit is a proposal to the delivery service:
// nothing has changed until she accepts it, which she does when the service has.
const atAlice = alice.createGroup("chat");
const invitation = atAlice.commit({ add: [bobsKeyPackage] });
invitation.accept();

// The Welcome is for Bob. He looks at who is in the group before he joins.
const welcome = bob.join(invitation.welcomes[0]!);
console.log("bob is invited to a group of", [...welcome.members()].map(nameOf).join(" and "));
const atBob = welcome.accept();

say(atAlice, atBob, "Hello Bob!");
say(atBob, atAlice, "Hello Alice!");

// A commit without anything in it gives the committer new keys: whoever had stolen the old ones is shut out
// again. Do it from time to time.
const refresh = atBob.commit();
take(atAlice, refresh.commit);
refresh.accept();
say(atAlice, atBob, "Sealed for the new epoch.");

// Both see the same number. If they compare it by another way, they know that nobody sits between them.
console.log("same epoch authenticator:", atAlice.epochAuthenticator.join() === atBob.epochAuthenticator.join());
console.log("epoch:", atAlice.epoch);

function nameOf({ identity }: { readonly identity: Uint8Array }): string {
  return new TextDecoder().decode(identity);
}

/** One side encrypts, the network carries bytes, the other side decrypts. */
function say(from: Group, to: Group, text: string): void {
  const message = from.encrypt(text);
  const received = to.receive(message);
  if (received.kind !== "application") throw new Error(`a ${received.kind}`);
  const sender = to.member(received.sender)!;
  console.log(`${nameOf(sender)}: ${new TextDecoder().decode(received.data)}`);
}

/** A commit of the other side: verified when it is received, in force when it is accepted. */
function take(group: Group, message: Uint8Array): void {
  const received = group.receive(message);
  if (received.kind === "commit") received.commit.accept();
}

// Prints:
// bob is invited to a group of alice and bob
// alice: Hello Bob!
// bob: Hello Alice!
// alice: Sealed for the new epoch.
// same epoch authenticator: true
// epoch: 2n
