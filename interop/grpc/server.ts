// Serves Grove behind the interface of the working group's harness.
//
//   npm run interop:server -- [--port N] [--host ADDRESS]

import { parseArgs } from "node:util";
import { type sendUnaryData, Server, ServerCredentials, type ServerUnaryCall, status } from "@grpc/grpc-js";
import { MlsError } from "../../bindings/index.ts";
import { callNames } from "../calls.ts";
import { groveClient } from "../grove/client.ts";
import { fromWire, loadService, MESSAGE_BYTES, rpcName } from "./service.ts";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "50051" },
    host: { type: "string", default: "127.0.0.1" },
  },
});

const client = groveClient();
const methods = client as unknown as Record<string, (request: unknown) => Promise<object>>;
const handlers = callNames.map((name) => {
  const handler = ({ request }: ServerUnaryCall<unknown, object>, done: sendUnaryData<object>): void => {
    methods[name]!(fromWire(request)).then(
      (response) => done(null, response),
      (error: unknown) => done({ code: status.INVALID_ARGUMENT, details: reasonOf(error) }),
    );
  };
  return [rpcName(name), handler] as const;
});

const server = new Server({
  "grpc.max_receive_message_length": MESSAGE_BYTES,
  "grpc.max_send_message_length": MESSAGE_BYTES,
});
server.addService(loadService().service, Object.fromEntries(handlers));
server.bindAsync(`${values.host}:${values.port}`, ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error;
  console.log(`Grove on ${values.host}:${port}`);
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    server.forceShutdown();
    void client.close();
  });
}

function reasonOf(error: unknown): string {
  if (error instanceof MlsError) return `${error.code}: ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}
