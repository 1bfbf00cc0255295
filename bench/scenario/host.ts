// The host: the Grove that founds the groups in which implementations are measured, plays all of their
// other members, and checks what the measured ones do. Its own time counts nowhere.
import type { Client, ClientOptions, Engine, Group } from "../../bindings/index.ts";
import type { GroveModule } from "./module.ts";
import { type ClientAt, factsOf, HostedGroup, requireSame } from "./hosted.ts";
import type { Facts } from "./protocol.ts";

/** Seconds: short enough for everyone's idea of the longest lifetime. */
const FORTNIGHT = 14 * 86_400;
const storageKey = new Uint8Array(32).fill(9);

/** User and device as a URI-like name: a form that every implementation takes. */
export function identityOf(index: number): string {
  const hex = index.toString(16);
  return `00000000-0000-4000-8000-${hex.padStart(12, "0")}:${hex}@example.org`;
}

/** A member without a life of its own. */
export interface Extra {
  readonly name: string;
  readonly signaturePrivateKey: Uint8Array;
  readonly keyPackage: Uint8Array;
}

/** A group as it was at one moment: any number of copies can go on from there. */
export interface Moment {
  readonly saved: Uint8Array;
  readonly clientAt: ClientAt;
}

export class Host {
  readonly grove: GroveModule;
  readonly #engine: Engine;
  readonly #creator: Client;
  readonly #creatorKey: Uint8Array = crypto.getRandomValues(new Uint8Array(32));
  readonly #extras: Extra[] = [];
  /** The first extra as it was before it used its key package. */
  #witness: Uint8Array | undefined;

  constructor(grove: GroveModule) {
    this.grove = grove;
    this.#engine = new grove.Engine();
    this.#creator = this.#client(identityOf(0), this.#creatorKey);
  }

  /** Members to add, always the same ones. */
  extras(count: number): readonly Extra[] {
    while (this.#extras.length < count) {
      const name = identityOf(this.#extras.length + 1);
      const signaturePrivateKey = crypto.getRandomValues(new Uint8Array(32));
      const client = this.#client(name, signaturePrivateKey);
      const keyPackage = client.keyPackage();
      this.#witness ??= client.save();
      client.close();
      this.#extras.push({ name, signaturePrivateKey, keyPackage });
    }
    return this.#extras.slice(0, count);
  }

  /** The creator alone. */
  found(): HostedGroup {
    // Several groups at a time, so each has a creator of its own.
    const creator = this.#client(identityOf(0), this.#creatorKey);
    return new HostedGroup(this.grove, creator.createGroup(), (leafIndex) => this.#clientAt(leafIndex));
  }

  /** Joins as the first extra and compares: a Welcome of another implementation leads to the same epoch. */
  checkWelcome(welcome: Uint8Array, expected: Facts): void {
    if (this.#witness === undefined) throw new Error("nobody can join");
    const { Client, acceptAnyCredential } = this.grove;
    const authenticate = acceptAnyCredential;
    const client = Client.restore(this.#witness, { authenticate, storageKey, engine: this.#engine });
    const group: Group = client.join(welcome).accept();
    requireSame(factsOf(group), expected);
    client.close();
  }

  /** Keeps a moment of a group. */
  keep({ group }: HostedGroup): Uint8Array {
    return group.save();
  }

  /** A copy of a group as it was. */
  goOn(saved: Uint8Array): HostedGroup {
    const { Client, acceptAnyCredential, basicCredential } = this.grove;
    // A fresh client: one client cannot be in the same group twice.
    const client = Client.create({
      ...this.#options(),
      credential: basicCredential(identityOf(0)),
      authenticate: acceptAnyCredential,
    });
    const group = client.restoreGroup(saved);
    return new HostedGroup(this.grove, group, (leafIndex) => this.#clientAt(leafIndex));
  }

  close(): void {
    this.#creator.close();
  }

  /** Extras sit in the order in which they were added, from leaf 1 on. */
  #clientAt(leafIndex: number): Client {
    if (leafIndex === 0) return this.#client(identityOf(0), this.#creatorKey);
    const extra = this.#extras[leafIndex - 1];
    if (extra === undefined) throw new Error(`nobody of the host's sits at leaf ${leafIndex}`);
    return this.#client(extra.name, extra.signaturePrivateKey);
  }

  #client(name: string, signaturePrivateKey: Uint8Array): Client {
    const { Client, acceptAnyCredential, basicCredential } = this.grove;
    return Client.create({
      ...this.#options(),
      credential: basicCredential(name),
      authenticate: acceptAnyCredential,
      signaturePrivateKey,
    });
  }

  #options(): Pick<ClientOptions, "engine" | "grease" | "storageKey" | "limits" | "keyPackageLifetime"> {
    const limits = { pastEpochs: 0 };
    return { engine: this.#engine, grease: false, storageKey, limits, keyPackageLifetime: FORTNIGHT };
  }
}
