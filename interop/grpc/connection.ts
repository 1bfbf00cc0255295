// A client of the harness's interface that runs somewhere else, as an InteropClient.

import { credentials } from "@grpc/grpc-js";
import { clientOf } from "../calls.ts";
import type { InteropClient } from "../client.ts";
import { loadService, MESSAGE_BYTES, rpcName, toWire } from "./service.ts";

/** Milliseconds for one call. */
const DEADLINE = 120_000;

type Rpc = (
  request: unknown,
  options: { readonly deadline: number },
  done: (error: { readonly details?: string; readonly message: string } | null, response: unknown) => void,
) => void;

/** Speaks to the server at this address, without encryption: it is for test networks. */
export function connection(address: string): InteropClient {
  const Service = loadService();
  const limits = {
    "grpc.max_receive_message_length": MESSAGE_BYTES,
    "grpc.max_send_message_length": MESSAGE_BYTES,
    // Calls wait for a server that is just starting.
    "grpc.initial_reconnect_backoff_ms": 100,
  };
  const remote = new Service(address, credentials.createInsecure(), limits);
  const rpcs = remote as unknown as Record<string, Rpc>;
  return clientOf(
    (name, request) =>
      new Promise((resolve, reject) => {
        rpcs[rpcName(name)]!.call(remote, toWire(request), { deadline: Date.now() + DEADLINE }, (error, response) => {
          if (error === null) resolve(response);
          else reject(new Error(error.details ?? error.message));
        });
      }),
    () => new Promise((resolve) => resolve(remote.close())),
  );
}
