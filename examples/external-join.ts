// Coming in from outside: without an invitation, after a device has lost its state, and by asking.
//
//   npm run example external-join

import { acceptAnyCredential, basicCredential, Client, type Group } from "grove-mls";

const authenticate = acceptAnyCredential; // for this example alone: nobody's identity is checked
const person = (name: string, signaturePrivateKey?: Uint8Array): Client =>
  Client.create({
    credential: basicCredential(name),
    authenticate,
    ...(signaturePrivateKey && { signaturePrivateKey }),
  });

const alice = person("alice");
const atAlice = alice.createGroup("open house");

// A member publishes a GroupInfo: it is signed, it holds no secret of a message, and whoever has it can join.
// Give it to those who may.
const bobsKey = crypto.getRandomValues(new Uint8Array(32)); // kept by Bob's application
const bob = person("bob", bobsKey);
const joining = bob.joinExternal(atAlice.groupInfo());
// Bob's commit goes to the delivery service. The members verify it like any other, and see who it is.
const seen = atAlice.receive(joining.commit);
if (seen.kind !== "commit") throw new Error(`a ${seen.kind}`);
console.log("somebody joins:", new TextDecoder().decode(seen.commit.joined?.identity));
seen.commit.accept();
let atBob = joining.accept();
console.log("bob joined by himself:", names(atAlice));

// Two people with one GroupInfo: the first commit that the service takes wins, the other one is late.
const info = atAlice.groupInfo();
const carol = person("carol");
const [early, late] = [carol.joinExternal(info), person("dave").joinExternal(info)];
take(atAlice, early.commit);
take(atBob, early.commit);
const atCarol = early.accept();
late.discard(); // Dave would now fetch a newer GroupInfo and try again
console.log("carol was faster:", names(atAlice));

// Bob's device breaks; only his signature key was backed up. A resync puts a new leaf in the place of the old
// one. The members see who is replaced by whom.
const rebornBob = person("bob", bobsKey);
const resync = rebornBob.joinExternal(atAlice.groupInfo(), { resync: true });
take(atAlice, resync.commit);
take(atCarol, resync.commit);
atBob = resync.accept();
console.log("bob is back, once:", names(atAlice));

// Where only members shall decide who comes in, a newcomer asks: its proposal is signed with the key in its
// own key package, and waits until a member commits it.
const erin = person("erin");
const wish = erin.proposeToJoin(atAlice);
for (const group of [atAlice, atBob, atCarol]) group.receive(wish);
const granted = atCarol.commit();
console.log("proposals in carol's commit:", granted.included.length);
take(atAlice, granted.commit);
take(atBob, granted.commit);
granted.accept();
const atErin = erin.join(granted.welcomes[0]!).accept();
console.log("erin was let in:", names(atErin));

function take(group: Group, message: Uint8Array): void {
  const received = group.receive(message);
  if (received.kind === "commit") received.commit.accept();
}

function names(group: Group): string {
  return group
    .members()
    .map(({ identity }) => new TextDecoder().decode(identity))
    .sort()
    .join(", ");
}

// Prints:
// somebody joins: bob
// bob joined by himself: alice, bob
// carol was faster: alice, bob, carol
// bob is back, once: alice, bob, carol
// proposals in carol's commit: 1
// erin was let in: alice, bob, carol, erin
