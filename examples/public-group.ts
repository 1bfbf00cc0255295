// A delivery service that knows what it carries: it follows a group from outside, without any secret, and
// refuses what no member would accept.
//
//   npm run example public-group

import { acceptAnyCredential, basicCredential, Client, type Group, MlsError, PublicGroup } from "grove-mls";

const authenticate = acceptAnyCredential; // for this example alone: nobody's identity is checked

// What a server shall follow has to travel as PublicMessages: signed, but not encrypted. Application messages
// are always encrypted.
const person = (name: string): Client =>
  Client.create({ credential: basicCredential(name), authenticate, handshakeFormat: "public" });

/** Puts commits in one order, refuses bad ones, and tells newcomers the tree. */
class DeliveryService {
  #group: PublicGroup;
  readonly #log: Uint8Array[] = [];

  /** The founder registers the group with a GroupInfo. */
  constructor(groupInfo: Uint8Array) {
    this.#group = PublicGroup.follow(groupInfo, { authenticate });
  }

  /** Verifies a handshake message; an answer of "accepted" means that it is in the log for everybody. */
  publish(message: Uint8Array): string {
    try {
      const followed = this.#group.receive(message);
      if (followed.kind === "commit") {
        const { added, removed } = followed.commit;
        followed.commit.accept(); // a policy of the server could `discard()` it here
        this.#log.push(message);
        return `accepted: ${added.length} added, ${removed.length} removed`;
      }
      this.#log.push(message);
      return `accepted: a proposal of type ${followed.proposal.kind}`;
    } catch (error) {
      if (error instanceof MlsError) return `refused: ${error.code}`;
      throw error;
    }
  }

  get log(): readonly Uint8Array[] {
    return this.#log;
  }

  get members(): string {
    const names = this.#group.members().map(({ identity }) => new TextDecoder().decode(identity));
    return `epoch ${this.#group.epoch}: ${names.join(", ")}`;
  }

  /** What the service stores, and starts again from. None of it is secret. */
  restart(): void {
    const stored = this.#group.save();
    this.#group.close();
    this.#group = PublicGroup.restore(stored, { authenticate });
  }

  /** For whoever joins with a Welcome or a GroupInfo that does not carry it. */
  get ratchetTree(): Uint8Array {
    return this.#group.ratchetTree();
  }
}

const [alice, bob, carol] = [person("alice"), person("bob"), person("carol")];
const atAlice = alice.createGroup("room");
const service = new DeliveryService(atAlice.groupInfo());

// Alice adds Bob; she accepts her commit once the service has.
const adding = atAlice.commit({ add: [bob.keyPackage()], treeInWelcome: false });
console.log("alice adds bob:", service.publish(adding.commit));
adding.accept();
const atBob = bob.join(adding.welcomes[0]!, { ratchetTree: service.ratchetTree }).accept();

// Two commits of one epoch: the first is accepted, the second comes too late.
const [fromAlice, fromBob] = [atAlice.commit(), atBob.commit()];
console.log("bob commits:", service.publish(fromBob.commit));
console.log("alice commits:", service.publish(fromAlice.commit));
fromBob.accept();
take(atAlice, service.log.at(-1)!); // which discards her own commit

// Somebody on the network changes a message on its way.
const proposal = atBob.propose({ add: carol.keyPackage() });
const changed = Uint8Array.from(proposal);
changed[changed.length - 40]! ^= 1;
console.log("mallory changes a proposal:", service.publish(changed));
console.log("bob proposes to add carol:", service.publish(proposal));
atAlice.receive(proposal);

// The service has seen the proposal, so it understands the commit that refers to it; even after a restart.
service.restart();
const commit = atAlice.commit();
console.log("alice commits it:", service.publish(commit.commit));
commit.accept();
take(atBob, commit.commit);
console.log(service.members);

// What is encrypted is none of its business: it passes these messages on, unread.
console.log("alice says something:", service.publish(atAlice.encrypt("not for the server")));

function take(group: Group, message: Uint8Array): void {
  const received = group.receive(message);
  if (received.kind === "commit") received.commit.accept();
}

// Prints:
// alice adds bob: accepted: 1 added, 0 removed
// bob commits: accepted: 0 added, 0 removed
// alice commits: refused: ERR_WRONG_EPOCH
// mallory changes a proposal: refused: ERR_SIGNATURE
// bob proposes to add carol: accepted: a proposal of type add
// alice commits it: accepted: 1 added, 0 removed
// epoch 3: alice, bob, carol
// alice says something: refused: ERR_POLICY
