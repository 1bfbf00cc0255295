// PreSharedKeyID (RFC 9420 section 8.4).
import type { Reader } from "../codec/reader.ts";
import type { Writer } from "../codec/writer.ts";

/** What a resumption PSK is used for (RFC 9420 section 8.6). */
export type ResumptionPSKUsage = "application" | "reinit" | "branch";

/** A PSK that the application brings. */
export interface ExternalPSK {
  readonly kind: "external";
  /** Its name. */
  readonly pskId: Uint8Array;
  /** Fresh random bytes, Nh of them. */
  readonly pskNonce: Uint8Array;
}

/** The PSK of an earlier epoch, of this group or of another one. */
export interface ResumptionPSK {
  readonly kind: "resumption";
  /** What it is used for. */
  readonly usage: ResumptionPSKUsage;
  /** The group. */
  readonly pskGroupId: Uint8Array;
  /** The epoch. */
  readonly pskEpoch: bigint;
  /** Fresh random bytes, Nh of them. */
  readonly pskNonce: Uint8Array;
}

/** A PSK by its name (RFC 9420 section 8.4). */
export type PreSharedKeyID = ExternalPSK | ResumptionPSK;

// MLS-8.4-01
const pskTypes = [undefined, "external", "resumption"] as const;
const usages = [undefined, "application", "reinit", "branch"] as const;

export function readPreSharedKeyID(reader: Reader): PreSharedKeyID {
  const outer = reader.enter("PreSharedKeyID");
  const kind = reader.enumeration(pskTypes, "MLS-8.4-01");
  const id: PreSharedKeyID =
    kind === "external"
      ? { kind, pskId: reader.opaque(), pskNonce: reader.opaque() }
      : {
          kind,
          usage: reader.enumeration(usages, "MLS-8.4-01"),
          pskGroupId: reader.opaque(),
          pskEpoch: reader.uint64(),
          pskNonce: reader.opaque(),
        };
  reader.leave(outer);
  return id;
}

export function writePreSharedKeyID(writer: Writer, id: PreSharedKeyID): void {
  writer.enumeration(pskTypes, id.kind);
  if (id.kind === "external") {
    writer.opaque(id.pskId);
  } else {
    writer.enumeration(usages, id.usage);
    writer.opaque(id.pskGroupId);
    writer.uint64(id.pskEpoch);
  }
  writer.opaque(id.pskNonce);
}

/** The same name in bytes of its own. */
export function copyPreSharedKeyID(id: PreSharedKeyID): PreSharedKeyID {
  const pskNonce = Uint8Array.from(id.pskNonce);
  return id.kind === "external"
    ? { ...id, pskId: Uint8Array.from(id.pskId), pskNonce }
    : { ...id, pskGroupId: Uint8Array.from(id.pskGroupId), pskNonce };
}

/** PSKLabel: the context under which PSK number `index` of `count` enters the psk_secret. */
export function writePSKLabel(writer: Writer, id: PreSharedKeyID, index: number, count: number): void {
  writePreSharedKeyID(writer, id);
  writer.uint16(index);
  writer.uint16(count);
}
