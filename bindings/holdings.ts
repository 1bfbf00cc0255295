import type { Secret } from "./core/secret.ts";
import { bytesKey, bytesOfKey } from "./group/cache.ts";
import { forgetKeyPackage, type HeldKeyPackage } from "./group/join.ts";

/** What a client holds beside its groups: the key packages that are out, and external PSKs. */
export class Holdings {
  readonly #keyPackages = new Map<string, HeldKeyPackage>();
  readonly #psks = new Map<string, Secret>();
  /** Whether anything has come or gone since the client was stored. */
  changed = true;

  get keyPackages(): readonly HeldKeyPackage[] {
    return [...this.#keyPackages.values()];
  }

  /** KeyPackageRefs of the key packages. */
  get references(): Uint8Array[] {
    return Array.from(this.#keyPackages.values(), ({ reference }) => reference);
  }

  get psks(): readonly { readonly pskId: Uint8Array; readonly psk: Secret }[] {
    return Array.from(this.#psks, ([key, psk]) => ({ pskId: bytesOfKey(key), psk }));
  }

  get keyPackageCount(): number {
    return this.#keyPackages.size;
  }

  /** Keeps the private keys of a key package. */
  keep(held: HeldKeyPackage): void {
    this.changed = true;
    this.#keyPackages.set(bytesKey(held.reference), held);
  }

  /** The key package of this KeyPackageRef. */
  keyPackage(reference: Uint8Array): HeldKeyPackage | undefined {
    return this.#keyPackages.get(bytesKey(reference));
  }

  /** Forgets a key package that has been used. MLS-12.4.3.1-21, MLS-16.8-01 */
  useUp(held: HeldKeyPackage): void {
    this.changed = true;
    this.#keyPackages.delete(bytesKey(held.reference));
    forgetKeyPackage(held);
  }

  /** Keeps an external PSK; it takes the secret over. */
  keepPsk(pskId: Uint8Array, psk: Secret): void {
    const key = bytesKey(pskId);
    this.changed = true;
    this.#psks.get(key)?.wipe();
    this.#psks.set(key, psk);
  }

  /** The external PSK of this name. */
  psk(pskId: Uint8Array): Secret | undefined {
    return this.#psks.get(bytesKey(pskId));
  }

  /** Wipes everything. */
  wipe(): void {
    this.#keyPackages.forEach(forgetKeyPackage);
    this.#keyPackages.clear();
    for (const psk of this.#psks.values()) psk.wipe();
    this.#psks.clear();
  }
}
