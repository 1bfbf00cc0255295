// `grove demo`: a real group from its first member to its last epoch, with nothing pre-computed.

import { cipherSuites } from "../bindings/index.ts";
import type { CommitOptions, OperationCounts, SuitePlugin } from "../bindings/index.ts";
import { startProgress } from "./progress.ts";
import { playSupport } from "./support.ts";
import { formatBytes, formatMilliseconds, formatTable } from "./table.ts";
import { ownStage, type Stage, startStage } from "./threads.ts";
import { type Sent, type Setting, Troupe } from "./troupe.ts";

/** What to play. */
export interface DemoOptions {
  readonly members: number;
  readonly cipherSuite: number;
  /** How many threads play the members. */
  readonly threads: number;
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

/** A member that is played to the end, and where. */
interface Role {
  readonly name: string;
  readonly stage: Stage;
}

/** Members that are played; fewer in groups in which each of them verifies very many. */
const liveMembers = (members: number): number => (members > 50_000 ? 8 : 12);

/** Plays the demo; returns the exit code, 0 only if every comparison held. */
export async function runDemo(options: DemoOptions): Promise<number> {
  const setting = { cipherSuite: options.cipherSuite, storageKey: crypto.getRandomValues(new Uint8Array(32)) };
  const demo = new Demo(options, setting);
  try {
    return await demo.run();
  } finally {
    await demo.close();
  }
}

class Demo {
  readonly #members: number;
  readonly #suite: number;
  readonly #suites: readonly SuitePlugin[];
  readonly #print: (line: string) => void;
  readonly #steps: Step[] = [];
  /** The first one is this thread's. */
  readonly #stages: readonly Stage[];
  /** The members that are played; the first one is the creator. */
  #live: Role[] = [];

  constructor(options: DemoOptions, setting: Setting) {
    this.#members = options.members;
    this.#suite = options.cipherSuite;
    this.#suites = options.suites;
    this.#print = options.print;
    const others = Array.from({ length: options.threads - 1 }, () => startStage(setting));
    this.#stages = [ownStage(new Troupe(setting, options.suites)), ...others];
  }

  async run(): Promise<number> {
    const start = performance.now();
    const packages = await this.#publish();
    await this.#addEveryone(packages);
    await this.#joinByWelcome();
    await this.#commitFromManyPositions();
    await this.#exchangeMessages();
    await this.#removeMembers();
    await this.#saveKillRestore();
    const equal = await this.#authenticatorsAreEqual();
    await this.#report(performance.now() - start, equal);
    return this.#reportSupport() && equal ? 0 : 1;
  }

  async close(): Promise<void> {
    await Promise.all(this.#stages.map((stage) => stage.close()));
  }

  /** Calls every troupe: the other threads first, since this one is busy until its own troupe is done. */
  async #everywhere<M extends keyof Troupe>(
    method: M,
    ...parameters: Parameters<Troupe[M]>
  ): Promise<ReturnType<Troupe[M]>[]> {
    const [own, ...others] = this.#stages;
    const answers = others.map((stage) => stage.call(method, ...parameters));
    return Promise.all([own!.call(method, ...parameters), ...answers]);
  }

  /** Runs one step and notes what it took; `work` returns the bytes that crossed the wire. */
  async #step(name: string, work: () => Promise<number>): Promise<void> {
    const before = await this.#everywhere("operations");
    const start = performance.now();
    const bytes = await work();
    const milliseconds = performance.now() - start;
    const after = await this.#everywhere("operations");
    const difference = (kind: keyof OperationCounts): number =>
      after.reduce((sum, counts, i) => sum + counts[kind] - before[i]![kind], 0);
    const operations = {
      verify: difference("verify"),
      sign: difference("sign"),
      seal: difference("seal"),
      open: difference("open"),
      hash: difference("hash"),
    };
    this.#steps.push({ name, milliseconds, bytes, operations });
  }

  /** Key packages in the order of their clients; every thread makes its share, and plays the live ones among them. */
  async #publish(): Promise<Uint8Array[]> {
    const count = this.#members - 1;
    const live = liveMembers(this.#members) - 1;
    const stride = Math.max(1, Math.floor(count / live));
    const names = Array.from({ length: count }, (_, i) => `member-${i + 1}`);
    const liveNames = names.filter((_, i) => i % stride === 0).slice(0, live);
    const share = Math.ceil(count / this.#stages.length);
    let packages: Uint8Array[] = [];
    await this.#step(`${count.toLocaleString("en")} clients publish key packages`, async () => {
      const made = this.#stages
        .map((stage, i) => ({ stage, names: names.slice(i * share, (i + 1) * share) }))
        .reverse() // this thread last
        .map(({ stage, names }) => {
          const stay = liveNames.filter((name) => names.includes(name));
          return stage.call("publish", names, stay);
        });
      packages = (await Promise.all(made)).reverse().flat();
      return packages.reduce((bytes, keyPackage) => bytes + keyPackage.length, 0);
    });
    this.#live = liveNames.map((name) => {
      const place = Math.floor(names.indexOf(name) / share);
      return { name, stage: this.#stages[place]! };
    });
    return packages;
  }

  async #addEveryone(packages: Uint8Array[]): Promise<void> {
    const newcomers = this.#live.length;
    const creator = { name: "creator", stage: this.#stages[0]! };
    await creator.stage.call("found", creator.name);
    let welcome: Uint8Array | undefined;
    await this.#step("the creator adds everyone in one commit", async () => {
      const sent = await creator.stage.call("commit", creator.name, { add: packages });
      await creator.stage.call("accept", creator.name);
      welcome = sent.welcome;
      return sent.commit.length + welcome!.length;
    });
    this.#live.unshift(creator);
    await this.#step(`${newcomers} of them join by Welcome`, async () => {
      await this.#everywhere("join", welcome!);
      return welcome!.length;
    });
  }

  async #joinByWelcome(): Promise<void> {
    const late = { name: "late", stage: this.#stages.at(-1)! };
    await this.#step("a late member is added and joins by Welcome", async () => {
      const add = await late.stage.call("publish", [late.name], [late.name]);
      const sent = await this.#commit(this.#live[1]!, { add });
      await late.stage.call("join", sent.welcome!);
      this.#live.push(late);
      return sent.commit.length + sent.welcome!.length;
    });
  }

  /** A live member commits, and all receive it. */
  async #commit({ name, stage }: Role, options?: CommitOptions): Promise<Sent> {
    const sent = await stage.call("commit", name, options);
    await this.#everywhere("deliver", sent.commit, name);
    await stage.call("accept", name);
    return sent;
  }

  async #commitFromManyPositions(): Promise<void> {
    await this.#step(`${this.#live.length} members commit, each processed by all live ones`, async () => {
      const progress = startProgress("commits", this.#live.length);
      let bytes = 0;
      for (const [index, role] of this.#live.entries()) {
        bytes += (await this.#commit(role)).commit.length;
        progress.update(index + 1);
      }
      progress.end();
      return bytes;
    });
  }

  async #exchangeMessages(): Promise<void> {
    await this.#step(`every live member sends a message that all others read`, async () => {
      let bytes = 0;
      for (const { name, stage } of this.#live) {
        const words = `hello from ${name}`;
        const message = await stage.call("say", name, words);
        bytes += message.length;
        await this.#everywhere("read", message, name, words);
      }
      return bytes;
    });
  }

  async #removeMembers(): Promise<void> {
    const creator = this.#live[0]!;
    const removedAlive = this.#live[2]!;
    const leaves = await Promise.all(this.#live.map(({ name, stage }) => stage.call("leafOf", name)));
    const idle = await creator.stage.call("otherLeaves", creator.name, leaves, 9);
    const remove = [leaves[2]!, ...idle];
    await this.#step(
      `${remove.length} members are removed, one of them alive`,
      async () => (await this.#commit(creator, { remove })).commit.length,
    );
    await removedAlive.stage.call("leave", removedAlive.name);
    this.#live = this.#live.filter((role) => role !== removedAlive);
  }

  async #saveKillRestore(): Promise<void> {
    const { name, stage } = this.#live[1]!;
    await this.#step("a client is saved, killed and restored", () => stage.call("restart", name));
    await this.#step("the restored member commits", async () => (await this.#commit(this.#live[1]!)).commit.length);
  }

  async #authenticatorsAreEqual(): Promise<boolean> {
    const all = (await this.#everywhere("authenticators")).flat();
    const first = all[0]!;
    return (
      all.length === this.#live.length &&
      all.every((authenticator) => authenticator.every((byte, index) => byte === first[index]))
    );
  }

  async #report(total: number, equal: boolean): Promise<void> {
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
    const creator = this.#live[0]!;
    const { memberCount, epoch, cipherSuite } = await creator.stage.call("view", creator.name);
    this.#print(formatTable(["step", ">time", ">bytes", ">verify", ">sign", ">seal", ">open"], rows));
    this.#print("");
    this.#print(`${memberCount.toLocaleString("en")} members, epoch ${epoch}, cipher suite ${cipherSuite}`);
    this.#print(
      equal
        ? `all ${this.#live.length} live members hold the same epoch authenticator`
        : "THE LIVE MEMBERS HOLD DIFFERENT EPOCH AUTHENTICATORS",
    );
    const threads = this.#stages.length === 1 ? "one thread" : `${this.#stages.length} threads`;
    const memory = formatBytes(process.resourceUsage().maxRSS * 1000);
    this.#print(`${formatMilliseconds(total)} in all on ${threads}, at most ${memory} of memory for all of them`);
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
