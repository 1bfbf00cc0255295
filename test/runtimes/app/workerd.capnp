using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "smoke", worker = .smoke)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "smoke")],
);

const smoke :Workerd.Worker = (
  modules = [
    (name = "worker.js", esModule = embed "out/workerd/worker.js"),
    (name = "core.wasm", wasm = embed "node_modules/grove-mls/dist/core.wasm"),
  ],
  compatibilityDate = "2026-11-01",
);
