// Many members: everybody is added in one commit, the ratchet tree travels once, and every commit after that
// costs each member little.
//
//   npm run example large-group

import { type AuthenticateMany, basicCredential, Client, type Group } from "grove-mls";

const MEMBERS = 500;

// A joiner has to ask about every member. Asked one by one that is a request each; asked at once it is one
// look-up. The answers stand in the order of the questions.
const authenticateMany: AuthenticateMany = (questions) => questions.map(() => true); // the directory's answer

function person(name: string): Client {
  return Client.create({ credential: basicCredential(name), authenticateMany });
}

const people = Array.from({ length: MEMBERS - 1 }, (_, i) => person(`member ${i + 1}`));
const keyPackages = people.map((each) => each.keyPackage());

// One commit for all of them. The Welcome is split, so that nobody downloads the secrets of all others, and
// the tree is left out of it: the server stores the tree once, beside the Welcomes.
const founder = person("founder");
const atFounder = founder.createGroup("stadium");
const adding = atFounder.commit({ add: keyPackages, treeInWelcome: false, membersPerWelcome: 100 });
const ratchetTree = adding.ratchetTree();
adding.accept();
console.log(`${atFounder.memberCount} members in epoch ${atFounder.epoch}, by ${adding.welcomes.length} Welcomes`);

// Members join when they come online. Here three of them do; the others are members all the same.
const online: Group[] = [0, 150, 498].map((i) => {
  const welcome = adding.welcomes[Math.floor(i / 100)]!;
  return people[i]!.join(welcome, { ratchetTree }).accept();
});
console.log("online at leaves", online.map(({ ownLeafIndex }) => ownLeafIndex).join(", "));

// A commit touches the path from one leaf to the root, not the whole tree: as the members who have committed
// grow in number, their path is what travels. Removals go into one commit just as well.
const [first] = online as [Group];
const removal = first.commit({ remove: Array.from({ length: 20 }, (_, i) => 200 + i) });
for (const group of [atFounder, ...online]) {
  if (group === first) continue;
  const received = group.receive(removal.commit);
  if (received.kind !== "commit") throw new Error(`a ${received.kind}`);
  // Before it is in force, an application can look at what it does, and ask its user.
  if (group === atFounder) console.log(`a commit removes ${received.commit.removed.length} members`);
  received.commit.accept();
}
removal.accept();

// One encryption, whatever the number of members: all of them read the same bytes.
const message = atFounder.encrypt("Doors open at eight.");
const readers = online.filter((group) => group.receive(message).kind === "application");
console.log(`${readers.length} of ${online.length} read the message; ${atFounder.memberCount} members could`);

// Prints:
// 500 members in epoch 1, by 5 Welcomes
// online at leaves 1, 151, 499
// a commit removes 20 members
// 3 of 3 read the message; 480 members could
