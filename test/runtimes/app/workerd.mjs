// Answers a request, long after start-up: workerd refuses to compile bytes then.
import { smoke } from "./smoke.mjs";

export default {
  fetch() {
    return new Response(smoke());
  },
};
