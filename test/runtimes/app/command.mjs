// For runtimes with a command line.
import { smoke } from "./smoke.mjs";

console.log(smoke());
