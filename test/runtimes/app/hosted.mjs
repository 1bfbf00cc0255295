// A page that hosts the core itself, and one engine made in the background; both in one program.
import { Engine } from "grove-mls";
import { smoke } from "./smoke.mjs";

async function result() {
  try {
    const hosted = await WebAssembly.compileStreaming(fetch("/node_modules/grove-mls/dist/core.wasm"));
    const said = [smoke(new Engine(hosted)), smoke(await Engine.create())];
    return said[0] === said[1] ? said[0] : said.join(", ");
  } catch (error) {
    return String(error);
  }
}

document.body.dataset.result = await result();
