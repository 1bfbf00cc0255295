// What the numbers of the IANA registries are called (RFC 9420 section 17).

import { cipherSuites, CredentialType, ExtensionType, ProposalType, WireFormat } from "../bindings/index.ts";

const byNumber = (names: Readonly<Record<string, number>>): ReadonlyMap<number, string> =>
  new Map(Object.entries(names).map(([name, number]) => [number, name]));

const extensions = byNumber({ ...ExtensionType, lastResort: 0x000a });
const proposals = byNumber(ProposalType);
const credentials = byNumber(CredentialType);
const wireFormats = byNumber(WireFormat);
const suites = new Map(cipherSuites.map(({ id, name }) => [id, name]));
const versions = new Map([[1, "mls10"]]);

const registries: Readonly<Record<string, ReadonlyMap<number, string>>> = {
  version: versions,
  versions,
  cipherSuite: suites,
  cipherSuites: suites,
  extensionType: extensions,
  extensionTypes: extensions,
  extensions,
  proposalType: proposals,
  proposalTypes: proposals,
  proposals,
  credentialType: credentials,
  credentialTypes: credentials,
  credentials,
  wireFormat: wireFormats,
};

/** The number that stands in a field, with its name where it has one. */
export function named(field: string, value: number): string {
  const registry = registries[field];
  if (registry === undefined) return String(value);
  // RFC 9420 section 13.5
  const isGrease = field !== "version" && (value & 0x0f0f) === 0x0a0a && value >> 8 === (value & 0xff);
  const name = registry.get(value) ?? (isGrease ? "GREASE" : undefined);
  const number = value > 0xff ? `0x${value.toString(16).padStart(4, "0")}` : String(value);
  return name === undefined ? number : `${number} ${name}`;
}
