// For pages: the result is left where a driver finds it.
import { smoke } from "./smoke.mjs";

function result() {
  try {
    return smoke();
  } catch (error) {
    return String(error);
  }
}

document.body.dataset.result = result();
