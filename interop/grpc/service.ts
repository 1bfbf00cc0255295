// The service as grpc-js knows it, and the few fields that the wire has otherwise than InteropClient.

import { fileURLToPath } from "node:url";
import { type GrpcObject, loadPackageDefinition, type ServiceClientConstructor } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import type { CallName } from "../calls.ts";

/** Bytes of one message at most: a commit of a large group, or its tree. */
export const MESSAGE_BYTES: number = 64 << 20;

/** The constructor of clients; its `service` is what servers serve. */
export function loadService(): ServiceClientConstructor {
  const file = fileURLToPath(new URL("mls_client.proto", import.meta.url));
  const definition = loadPackageDefinition(loadSync(file, { defaults: true, longs: String }));
  return (definition["mls_client"] as GrpcObject)["MLSClient"] as ServiceClientConstructor;
}

/** `storePSK` is `StorePSK` there. */
export function rpcName(call: CallName): string {
  return call.charAt(0).toUpperCase() + call.slice(1);
}

type Fields = Record<string, unknown>;

/** A request as it goes over the wire: epochs as text, proposal types as bytes. */
export function toWire(value: unknown, key = ""): unknown {
  if (key === "proposalType") return Buffer.from(value as string);
  if (typeof value === "bigint") return value.toString();
  return mapped(value, toWire);
}

/** A request as it came over the wire. */
export function fromWire(value: unknown, key = ""): unknown {
  if (key === "proposalType") return Buffer.from(value as Uint8Array).toString();
  if (key === "epochId") return BigInt(value as string);
  return mapped(value, fromWire);
}

function mapped(value: unknown, change: (value: unknown, key?: string) => unknown): unknown {
  if (Array.isArray(value)) return value.map((entry: unknown) => change(entry));
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(Object.entries(value as Fields).map(([key, entry]) => [key, change(entry, key)]));
}
