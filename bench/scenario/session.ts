// One implementation's member in a filled group, and the host's copy of that group.
import type { HandshakeFormat } from "../../bindings/index.ts";
import type { Contestant, Stage } from "./contest.ts";
import { identityOf } from "./host.ts";
import { type Committed, type HostedGroup, requireSame } from "./hosted.ts";
import { exchangeMessages } from "./messages.ts";
import type { OperationName } from "./operations.ts";
import type { Party, Reply, Request } from "./protocol.ts";

type Changes = Partial<Pick<Request<"commit">, "add" | "remove" | "path">>;

export class Session {
  readonly #stage: Stage;
  readonly #contestant: Contestant;
  readonly #member: string;
  readonly #group: HostedGroup;
  /** The leaf at which members are added and removed again. */
  readonly #place: number;

  constructor(stage: Stage, contestant: Contestant, member: string, group: HostedGroup, place: number) {
    this.#stage = stage;
    this.#contestant = contestant;
    this.#member = member;
    this.#group = group;
    this.#place = place;
  }

  /** Ends the session on both sides. */
  async leave(): Promise<void> {
    await this.#stage.attempt(this.#contestant, "join-filled", (party) => party.ask("close", { member: this.#member }));
    this.abandon();
  }

  /** Ends it on the host's side. */
  abandon(): void {
    this.#group.close();
  }

  /** `add-one-receive`: somebody is added without a path. */
  async hearVisitorAdded(): Promise<void> {
    await this.#hear("add-one-receive", () => this.#hostAdds());
  }

  /** `process-filled`: the visitor's neighbour commits, which fills all nodes above the two. */
  async hearNeighbour(): Promise<void> {
    await this.#hear("process-filled", () => this.#pathOf(this.#place - 1));
  }

  /** `commit-filled` */
  async commitPath(): Promise<void> {
    await this.#send("commit-filled", {});
  }

  /** `remove-one-receive`: leaf 0 removes the visitor; the nodes above are blank then. */
  async hearVisitorRemoved(): Promise<void> {
    await this.#hear("remove-one-receive", () => this.#hostRemoves());
  }

  /** `add-one-send` */
  async addVisitor(): Promise<void> {
    const add = [this.#visitor()];
    if (await this.#send("add-one-send", { add, path: false })) return;
    await this.#follow("add-one-send", () => this.#hostAdds());
  }

  /** `remove-one-send` */
  async removeVisitor(): Promise<void> {
    const removal = { leafIndex: this.#place, identity: identityOf(this.#stage.members) };
    if (await this.#send("remove-one-send", { remove: [removal] })) return;
    await this.#follow("remove-one-send", () => this.#hostRemoves());
  }

  /** The nodes above the visitor's leaf get keys again, unmeasured. */
  async refill(): Promise<void> {
    await this.hearPath(this.#place - 1);
  }

  /** The member processes a path commit of a member of the host's, unmeasured. */
  async hearPath(committer: number): Promise<void> {
    await this.#follow("process-filled", () => this.#pathOf(committer));
  }

  /** Messages in both directions. */
  async talk(): Promise<void> {
    await exchangeMessages(this.#stage, this.#contestant, this.#member, this.#group);
  }

  /** `save`, `restore` */
  async saveAndRestore(): Promise<void> {
    if (!this.#stage.wants("save", "restore")) return;
    const member = this.#member;
    const saved = await this.#stage.measure(this.#contestant, "save", (party) => party.ask("save", { member }));
    if (saved === undefined) return;
    await this.#stage.measure(this.#contestant, "restore", async (party) => {
      const reply = await party.ask("restore", { member });
      requireSame(reply, this.#group.facts);
      return reply;
    });
  }

  get #format(): HandshakeFormat {
    return this.#contestant.description.handshakes ?? "private";
  }

  /** Somebody whose key package has been used in none of these groups. */
  #visitor(): Uint8Array {
    const { members, contest } = this.#stage;
    return contest.host.extras(members)[members - 1]!.keyPackage;
  }

  #hostAdds(): Committed {
    return this.#group.commit({ add: [this.#visitor()], path: false, format: this.#format });
  }

  #hostRemoves(): Committed {
    this.#group.become(0);
    return this.#group.commit({ remove: [this.#place], format: this.#format });
  }

  #pathOf(committer: number): Committed {
    this.#group.become(committer);
    return this.#group.commit({ format: this.#format });
  }

  /** The member processes what the host commits; measured. */
  async #hear(operation: OperationName, commit: () => Committed): Promise<void> {
    await this.#stage.measure(this.#contestant, operation, (party) => this.#process(party, commit));
  }

  /** The same unmeasured, on the way to or instead of an operation. */
  async #follow(operation: OperationName, commit: () => Committed): Promise<void> {
    await this.#stage.attempt(this.#contestant, operation, (party) => this.#process(party, commit));
  }

  async #process(party: Party, commit: () => Committed): Promise<Reply<"process">> {
    const committed = commit();
    const reply = await party.ask("process", { member: this.#member, commit: committed.commit });
    requireSame(reply, committed);
    return reply;
  }

  /** The member commits and the host processes; measured. False when it is barred from that. */
  async #send(operation: OperationName, changes: Changes): Promise<boolean> {
    if (this.#stage.isBarred(this.#contestant, operation)) return false;
    await this.#stage.measure(this.#contestant, operation, async (party) => {
      const { add = [], remove = [], path = true } = changes;
      // The tree in the Welcome would be all that is measured when one member is added.
      const request = { member: this.#member, add, remove, path, treeInWelcome: false };
      const reply = await party.ask("commit", request);
      this.#group.follow(reply.commit, reply);
      return reply;
    });
    return true;
  }
}
