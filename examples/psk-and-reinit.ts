// Secrets from elsewhere, and a group that goes on under another cipher suite.
//
//   npm run example psk-and-reinit

import { acceptAnyCredential, basicCredential, chooseCipherSuite, Client, type Group } from "grove-mls";

const authenticate = acceptAnyCredential; // for this example alone: nobody's identity is checked
const names = ["alice", "bob", "carol"];
const person = (name: string, cipherSuite = 1): Client =>
  Client.create({ credential: basicCredential(name), authenticate, cipherSuite });

const [alice, bob, carol] = names.map((name) => person(name)) as [Client, Client, Client];
const atAlice = alice.createGroup("project");
const adding = atAlice.commit({ add: [bob.keyPackage(), carol.keyPackage()] });
adding.accept();
const [atBob, atCarol] = [bob, carol].map((each) => each.join(adding.welcomes[0]!).accept()) as [Group, Group];

// An external PSK is a secret that the members share already, from a meeting or a key exchange of another
// kind. Once a commit names it, only who knows it can follow.
const pskId = new TextEncoder().encode("said at the table");
const secret = crypto.getRandomValues(new Uint8Array(32));
alice.addPsk(pskId, secret);
bob.addPsk(pskId, secret);
const sealing = atAlice.commit({ psks: [{ external: pskId }] });
take(atBob, sealing.commit);
try {
  take(atCarol, sealing.commit);
} catch (error) {
  console.log("carol lacks the secret:", (error as { code: string }).code);
}
// Nothing has changed for Carol: she can be told, and take the same commit.
carol.addPsk(pskId, secret);
take(atCarol, sealing.commit);
sealing.accept();

// A resumption PSK proves that one was there in an earlier epoch, of this group or of another one.
const looking = atCarol.commit({ psks: [{ resumption: { epoch: 1n } }] });
take(atAlice, looking.commit);
take(atBob, looking.commit);
looking.accept();
console.log("all remember epoch 1:", agree([atAlice, atBob, atCarol]));

// A group cannot change its cipher suite. It can end with a ReInit, and go on in a successor that proves to be
// one: it has the same members, and its secrets rest on the old group's. The suite is one that all support;
// look at their key packages, so that nobody can talk you into a weaker one.
const suite = chooseCipherSuite(
  [alice, bob, carol].map((each) => each.keyPackage()),
  [3, 1],
);
const ending = atBob.commit({ reInit: { cipherSuite: suite } });
take(atAlice, ending.commit);
take(atCarol, ending.commit);
ending.accept();
console.log(`the old group is over: ${atAlice.closedBy}, its successor has suite ${atAlice.reInit!.cipherSuite}`);

// A client is of one suite: everybody makes another client. Anyone may create the successor.
const [alice3, bob3, carol3] = names.map((name) => person(name, suite)) as [Client, Client, Client];
const successor = carol3.createSuccessor(atCarol, { add: [alice3.keyPackage(), bob3.keyPackage()] });
const welcome = successor.welcomes[0]!;
const groups = [
  successor.group,
  alice3.join(welcome, { resumes: atAlice }).accept(),
  bob3.join(welcome, { resumes: atBob }).accept(),
];
for (const old of [atAlice, atBob, atCarol]) old.close();
console.log(`${successor.group.memberCount} members go on in suite ${successor.group.cipherSuite}:`, agree(groups));

// A branch is the same for some of the members, while the group itself goes on.
const side = alice3.createBranch(groups[1]!, { groupId: "lunch", add: [bob3.keyPackage()] });
const atLunch = bob3.join(side.welcomes[0]!).accept();
console.log(`${atLunch.memberCount} of them branch off:`, agree([side.group, atLunch]));

function take(group: Group, message: Uint8Array): void {
  const received = group.receive(message);
  if (received.kind === "commit") received.commit.accept();
}

function agree(groups: readonly Group[]): boolean {
  return new Set(groups.map(({ epochAuthenticator }) => epochAuthenticator.join())).size === 1;
}

// Prints:
// carol lacks the secret: ERR_PSK
// all remember epoch 1: true
// the old group is over: reinitialized, its successor has suite 3
// 3 members go on in suite 3: true
// 2 of them branch off: true
