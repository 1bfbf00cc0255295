// `grove demo`: a real group from its first member to its last epoch, with nothing pre-computed.

import {
  acceptAnyCredential,
  basicCredential,
  cipherSuites,
  Client,
  Engine,
  operationCounts,
} from "../bindings/index.ts";
import type { Group, OperationCounts, Received, SuitePlugin } from "../bindings/index.ts";
import { startProgress } from "./progress.ts";
import { playSupport } from "./support.ts";
import { formatBytes, formatMilliseconds, formatTable } from "./table.ts";

/** What to play. */
export interface DemoOptions {
  readonly members: number;
  readonly cipherSuite: number;
  /** The curves outside the core. */
  readonly suites: readonly SuitePlugin[];
  readonly print: (line: string) => void;
}

interface Step {
  readonly name: string;
  readonly milliseconds: number;
  readonly bytes: number;
  readonly operations: OperationCounts;
}

const utf8 = new TextEncoder();
const text = new TextDecoder();
/** Members that this process plays; fewer in groups in which each of them verifies very many. */
const liveMembers = (members: number): number => (members > 50_000 ? 8 : 12);

/** Plays the demo; returns the exit code, 0 only if every comparison held. */
export function runDemo(options: DemoOptions): number {
  return new Demo(options).run();
}

class Demo {
  readonly #members: number;
  readonly #suite: number;
  readonly #suites: readonly SuitePlugin[];
  readonly #print: (line: string) => void;
  readonly #steps: Step[] = [];
  readonly #storageKey: Uint8Array = crypto.getRandomValues(new Uint8Array(32));
  /** The members that this process plays; the first one is the creator. */
  #live: { name: string; client: Client; group: Group }[] = [];

  constructor(options: DemoOptions) {
    this.#members = options.members;
    this.#suite = options.cipherSuite;
    this.#suites = options.suites;
    this.#print = options.print;
  }

  run(): number {
    const start = performance.now();
    const newcomers = this.#makeClients();
    this.#addEveryone(newcomers);
    this.#joinByWelcome();
    this.#commitFromManyPositions();
    this.#exchangeMessages();
    this.#removeMembers();
    this.#saveKillRestore();
    const equal = this.#compareAuthenticators();
    this.#report(performance.now() - start);
    return this.#reportSupport() && equal ? 0 : 1;
  }

  #client(name: string): Client {
    return Client.create({
      credential: basicCredential(name),
      authenticate: acceptAnyCredential,
      cipherSuite: this.#suite,
      suites: this.#suites,
      storageKey: this.#storageKey,
    });
  }

  /** Runs one step and notes what it took; `work` returns the bytes that crossed the wire. */
  #step(name: string, work: () => number): void {
    const before = operationCounts();
    const start = performance.now();
    const bytes = work();
    const milliseconds = performance.now() - start;
    const after = operationCounts();
    const operations = {
      verify: after.verify - before.verify,
      sign: after.sign - before.sign,
      seal: after.seal - before.seal,
      open: after.open - before.open,
      hash: after.hash - before.hash,
    };
    this.#steps.push({ name, milliseconds, bytes, operations });
  }

  #makeClients(): { live: Client[]; packages: Uint8Array[] } {
    const count = this.#members - 1;
    const stride = Math.max(1, Math.floor(count / (liveMembers(this.#members) - 1)));
    const live: Client[] = [];
    const packages: Uint8Array[] = [];
    this.#step(`${count.toLocaleString("en")} clients publish key packages`, () => {
      const progress = startProgress("key packages", count);
      let bytes = 0;
      for (let i = 0; i < count; i++) {
        const client = this.#client(`member-${i + 1}`);
        const keyPackage = client.keyPackage();
        bytes += keyPackage.length;
        packages.push(keyPackage);
        // Only some of them stay alive in this process; the others are members all the same.
        if (i % stride === 0 && live.length < liveMembers(this.#members) - 1) live.push(client);
        else client.close();
        progress.update(i + 1);
      }
      progress.end();
      return bytes;
    });
    return { live, packages };
  }

  #addEveryone(newcomers: { live: Client[]; packages: Uint8Array[] }): void {
    const creator = this.#client("creator");
    const group = creator.createGroup("demo");
    let welcome: Uint8Array | undefined;
    this.#step("the creator adds everyone in one commit", () => {
      const pending = group.commit({ add: newcomers.packages });
      pending.accept();
      welcome = pending.welcomes[0];
      return pending.commit.length + welcome!.length;
    });
    this.#live.push({ name: "creator", client: creator, group });
    this.#step(`${newcomers.live.length} of them join by Welcome`, () => {
      const progress = startProgress("joining", newcomers.live.length);
      newcomers.live.forEach((client, index) => {
        const joined = client.join(welcome!).accept();
        this.#live.push({ name: `leaf ${joined.ownLeafIndex}`, client, group: joined });
        progress.update(index + 1);
      });
      progress.end();
      return welcome!.length;
    });
  }

  #joinByWelcome(): void {
    const late = this.#client("late");
    this.#step("a late member is added and joins by Welcome", () => {
      const adder = this.#live[1]!.group;
      const pending = adder.commit({ add: [late.keyPackage()] });
      this.#deliver(pending.commit, adder);
      pending.accept();
      const group = late.join(pending.welcomes[0]!).accept();
      this.#live.push({ name: "late", client: late, group });
      return pending.commit.length + pending.welcomes[0]!.length;
    });
  }

  /** Hands a handshake message to every live member but its sender. */
  #deliver(message: Uint8Array, sender: Group): void {
    for (const { group } of this.#live) {
      if (group === sender) continue;
      const received = group.receive(message);
      if (received.kind === "commit") received.commit.accept();
    }
  }

  #commitFromManyPositions(): void {
    this.#step(`${this.#live.length} members commit, each processed by all live ones`, () => {
      const progress = startProgress("commits", this.#live.length);
      let bytes = 0;
      this.#live.forEach(({ group }, index) => {
        const pending = group.commit();
        this.#deliver(pending.commit, group);
        pending.accept();
        bytes += pending.commit.length;
        progress.update(index + 1);
      });
      progress.end();
      return bytes;
    });
  }

  #exchangeMessages(): void {
    this.#step(`every live member sends a message that all others read`, () => {
      let bytes = 0;
      for (const sender of this.#live) {
        const sent = `hello from ${sender.name}`;
        const message = sender.group.encrypt(utf8.encode(sent));
        bytes += message.length;
        for (const receiver of this.#live) {
          if (receiver === sender) continue;
          const received: Received = receiver.group.receive(message);
          if (received.kind !== "application" || text.decode(received.data) !== sent) {
            throw new Error(`${receiver.name} did not read what ${sender.name} sent`);
          }
        }
      }
      return bytes;
    });
  }

  #removeMembers(): void {
    const removedAlive = this.#live[2]!;
    const creator = this.#live[0]!.group;
    const idle = creator
      .members()
      .filter(({ leafIndex }) => !this.#live.some(({ group }) => group.ownLeafIndex === leafIndex));
    const remove = [removedAlive.group.ownLeafIndex, ...idle.slice(0, 9).map(({ leafIndex }) => leafIndex)];
    this.#step(`${remove.length} members are removed, one of them alive`, () => {
      const pending = creator.commit({ remove });
      this.#deliver(pending.commit, creator);
      pending.accept();
      return pending.commit.length;
    });
    if (!removedAlive.group.isClosed) throw new Error("a removed member still believes it is in the group");
    this.#live = this.#live.filter((member) => member !== removedAlive);
  }

  #saveKillRestore(): void {
    const saved = this.#live[1]!;
    this.#step("a client is saved, killed and restored", () => {
      const clientState = saved.client.save();
      const groupState = saved.group.save();
      saved.group.close();
      saved.client.close();
      // A fresh engine: nothing of the old memory is there any more.
      const client = Client.restore(clientState, {
        authenticate: acceptAnyCredential,
        storageKey: this.#storageKey,
        suites: this.#suites,
        engine: new Engine(),
      });
      const group = client.restoreGroup(groupState);
      this.#live[1] = { name: saved.name, client, group };
      return clientState.length + groupState.length;
    });
    this.#step("the restored member commits", () => {
      const { group } = this.#live[1]!;
      const pending = group.commit();
      this.#deliver(pending.commit, group);
      pending.accept();
      return pending.commit.length;
    });
  }

  #compareAuthenticators(): boolean {
    const first = this.#live[0]!.group.epochAuthenticator;
    const all = this.#live.map(({ group }) => group.epochAuthenticator);
    return all.every((authenticator) => authenticator.every((byte, index) => byte === first[index]));
  }

  #report(total: number): void {
    const count = (value: number): string => (value === 0 ? "" : value.toLocaleString("en"));
    const rows = this.#steps.map((step) => [
      step.name,
      formatMilliseconds(step.milliseconds),
      formatBytes(step.bytes),
      count(step.operations.verify),
      count(step.operations.sign),
      count(step.operations.seal),
      count(step.operations.open),
    ]);
    const { group } = this.#live[0]!;
    this.#print(formatTable(["step", ">time", ">bytes", ">verify", ">sign", ">seal", ">open"], rows));
    this.#print("");
    this.#print(
      `${group.memberCount.toLocaleString("en")} members, epoch ${group.epoch}, cipher suite ${group.cipherSuite}`,
    );
    this.#print(
      this.#compareAuthenticators()
        ? `all ${this.#live.length} live members hold the same epoch authenticator`
        : "THE LIVE MEMBERS HOLD DIFFERENT EPOCH AUTHENTICATORS",
    );
    const memory = formatBytes(process.resourceUsage().maxRSS * 1000);
    this.#print(`${formatMilliseconds(total)} in all, at most ${memory} of memory for all of them`);
  }

  /** What the suite can do beyond this play; true when it can do everything. */
  #reportSupport(): boolean {
    const { id, name } = cipherSuites.find((suite) => suite.id === this.#suite)!;
    const support = playSupport(id, this.#suites);
    this.#print("");
    this.#print(name);
    this.#print("");
    const rows = support.map(({ feature, answer }) => [feature, answer]);
    this.#print(formatTable(["played by two to four clients just now", `suite ${id}`], rows));
    return support.every(({ answer }) => answer === "yes");
  }
}
