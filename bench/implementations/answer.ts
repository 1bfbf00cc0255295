// Answers the harness's calls with an implementation: the only place where a clock is read.
import {
  type CallName,
  type Facts,
  type Operations,
  type Party,
  plaintext,
  type Reply,
  type Request,
  type Timed,
} from "../scenario/protocol.ts";
import type { Awaitable, Implementation } from "./implementation.ts";

interface Member<Client, Group> {
  readonly client: Client;
  group: Group | undefined;
  saved: Uint8Array | undefined;
}

/** Milliseconds since some moment. */
export type Clock = () => number;

type Measured = Pick<Timed, "milliseconds" | "operations">;

/** A party that is an implementation in this very process or page. */
export class Answering<Client, Group> implements Party {
  readonly #implementation: Implementation<Client, Group>;
  readonly #clock: Clock;
  readonly #members = new Map<string, Member<Client, Group>>();

  constructor(implementation: Implementation<Client, Group>, clock: Clock = () => performance.now()) {
    this.#implementation = implementation;
    this.#clock = clock;
  }

  async ask<Name extends CallName>(call: Name, request: Request<Name>): Promise<Reply<Name>> {
    return await this.#calls[call](request);
  }

  readonly #calls: { [Name in CallName]: (request: Request<Name>) => Promise<Reply<Name>> } = {
    hello: () => Promise.resolve(this.#implementation.description),

    keyPackage: async ({ member }) => {
      const client = await this.#implementation.client(member);
      this.#members.set(member, { client, group: undefined, saved: undefined });
      return { keyPackage: await this.#implementation.keyPackage(client) };
    },

    addMany: async ({ member, keyPackages }) => {
      const client = await this.#implementation.client(member);
      const group = await this.#implementation.createGroup(client);
      this.#members.set(member, { client, group, saved: undefined });
      const [value, measured] = await this.#measure(() =>
        this.#implementation.commit(group, { add: keyPackages, remove: [], path: false, treeInWelcome: true }),
      );
      const { commit, welcome } = value;
      if (welcome === undefined) throw new Error("no Welcome came of it");
      return { ...measured, bytes: commit.length + welcome.length, commit, welcome, ...(await this.#facts(group)) };
    },

    join: async ({ member: name, welcome }) => {
      const member = this.#member(name);
      const [value, measured] = await this.#measure(() => this.#implementation.join(member.client, welcome));
      member.group = value;
      return { ...measured, bytes: 0, ...(await this.#facts(value)) };
    },

    commit: async ({ member, ...changes }) => {
      const group = this.#group(member);
      const [value, measured] = await this.#measure(() => this.#implementation.commit(group, changes));
      const { commit, welcome } = value;
      const bytes = commit.length + (welcome?.length ?? 0);
      return { ...measured, bytes, commit, welcome: welcome ?? null, ...(await this.#facts(group)) };
    },

    process: async ({ member, commit }) => {
      const group = this.#group(member);
      const [, measured] = await this.#measure(() => this.#implementation.process(group, commit));
      return { ...measured, bytes: 0, ...(await this.#facts(group)) };
    },

    encrypt: async ({ member, count, length }) => {
      const group = this.#group(member);
      const data = Array.from({ length: count }, (_, i) => plaintext(i, length));
      const [value, measured] = await this.#measureEach(data, (each) => this.#implementation.encrypt(group, each));
      return { ...measured, bytes: value[0]?.length ?? 0, messages: value };
    },

    decrypt: async ({ member, messages }) => {
      const group = this.#group(member);
      const [value, measured] = await this.#measureEach(messages, (each) => this.#implementation.decrypt(group, each));
      return { ...measured, bytes: 0, plaintexts: value };
    },

    save: async ({ member: name }) => {
      const member = this.#member(name);
      const group = this.#group(name);
      const [value, measured] = await this.#measure(() => this.#implementation.save(member.client, group));
      member.saved = value;
      return { ...measured, bytes: value.length };
    },

    restore: async ({ member: name }) => {
      const member = this.#member(name);
      const { saved } = member;
      if (saved === undefined) throw new Error(`${name} has not been saved`);
      await this.#implementation.closeGroup(this.#group(name));
      const [value, measured] = await this.#measure(() => this.#implementation.restore(member.client, saved));
      member.group = value;
      return { ...measured, bytes: 0, ...(await this.#facts(value)) };
    },

    close: async ({ member: name }) => {
      const member = this.#member(name);
      this.#members.delete(name);
      if (member.group !== undefined) await this.#implementation.closeGroup(member.group);
      await this.#implementation.closeClient(member.client);
      return {};
    },
  };

  #member(name: string): Member<Client, Group> {
    const member = this.#members.get(name);
    if (member === undefined) throw new Error(`there is no member ${name}`);
    return member;
  }

  #group(name: string): Group {
    const { group } = this.#member(name);
    if (group === undefined) throw new Error(`${name} is in no group`);
    return group;
  }

  async #facts(group: Group): Promise<Facts> {
    return await this.#implementation.facts(group);
  }

  async #measure<T>(work: () => Awaitable<T>): Promise<[T, Measured]> {
    const before = this.#implementation.operations?.();
    const start = this.#clock();
    const working = work();
    // An implementation that does not wait is not made to.
    const value = working instanceof Promise ? await working : working;
    const milliseconds = this.#clock() - start;
    const after = this.#implementation.operations?.();
    const operations = before === undefined || after === undefined ? null : difference(after, before);
    return [value, { milliseconds, operations }];
  }

  async #measureEach<T, R>(items: readonly T[], work: (item: T) => Awaitable<R>): Promise<[R[], Measured]> {
    const [value, { milliseconds, operations }] = await this.#measure(() => {
      const done: R[] = [];
      for (let i = 0; i < items.length; i++) {
        const each = work(items[i]!);
        if (each instanceof Promise) return continueAsync(each, items, i, done, work);
        done.push(each);
      }
      return done;
    });
    const count = items.length;
    return [value, { milliseconds: milliseconds / count, operations: operations && shareOf(operations, count) }];
  }
}

async function continueAsync<T, R>(
  first: Promise<R>,
  items: readonly T[],
  at: number,
  done: R[],
  work: (item: T) => Awaitable<R>,
): Promise<R[]> {
  done.push(await first);
  for (const item of items.slice(at + 1)) done.push(await work(item));
  return done;
}

function difference(after: Operations, before: Operations): Operations {
  return eachOf((name) => after[name] - before[name]);
}

function shareOf(operations: Operations, count: number): Operations {
  return eachOf((name) => Math.round((operations[name] / count) * 100) / 100);
}

function eachOf(value: (name: keyof Operations) => number): Operations {
  return {
    verify: value("verify"),
    sign: value("sign"),
    seal: value("seal"),
    open: value("open"),
    hash: value("hash"),
  };
}
