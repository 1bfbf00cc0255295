// The same inside a module worker.
import { smoke } from "./smoke.mjs";

postMessage(smoke());
