// SHA-256 of many messages: four lanes, and a lane that is done takes the next message at once,
// so that no order of the lengths leaves a lane idle before the messages run out.

import { copyBytes, store64be, wipe } from "../bytes";
import { countOperations } from "../counters";
import { COUNT_HASH } from "../layout";
import { SHA256_BLOCK, sha256Compress, sha256Digest, sha256Wipe } from "./sha256";
import { STATE_X4, x4BeginLane, x4Compress, x4CopyLane, x4Load, x4Wipe } from "./sha256x4";

// A lane: address of its next block | whole blocks left in the message | blocks left, padding
// included (0: idle) | where its digest goes.
const LANE: usize = 16;
const AT: usize = 0;
const WHOLE: usize = 4;
const LEFT: usize = 8;
const TO: usize = 12;
const lanes: usize = memory.data(64, 16);

// The last bytes of each lane's message, padded: one or two blocks.
const TAIL: usize = 128;
const TAILS_LENGTH: usize = 512;
const tails: usize = memory.data(TAILS_LENGTH, 16);

const states: usize = memory.data(STATE_X4, 16);
const single: usize = memory.data(32, 16);

function tailOf(lane: usize): usize {
  return tails + lane * TAIL;
}

function rest(lane: usize): void {
  store<u32>(lanes + lane * LANE, <u32>tailOf(lane), AT);
  store<u32>(lanes + lane * LANE, 0, LEFT);
}

function begin(lane: usize, to: usize, message: usize, length: usize): void {
  const tail = tailOf(lane);
  const whole = length / SHA256_BLOCK;
  const over = length % SHA256_BLOCK;
  const tailLength: usize = over < SHA256_BLOCK - 8 ? SHA256_BLOCK : 2 * SHA256_BLOCK;
  wipe(tail, TAIL);
  copyBytes(tail, message + length - over, over);
  store<u8>(tail + over, 0x80);
  store64be(tail + tailLength - 8, (<u64>length) << 3);

  const at = lanes + lane * LANE;
  store<u32>(at, <u32>(whole == 0 ? tail : message), AT);
  store<u32>(at, <u32>whole, WHOLE);
  store<u32>(at, <u32>(whole + tailLength / SHA256_BLOCK), LEFT);
  store<u32>(at, <u32>to, TO);
  x4BeginLane(states, lane);
}

// Begins message number `i`.
function beginAt(lane: usize, i: usize, dst: usize, messages: usize, lengths: usize): void {
  begin(lane, dst + (i << 5), <usize>load<u32>(messages + (i << 2)), <usize>load<u32>(lengths + (i << 2)));
}

function nextBlock(lane: usize): usize {
  return <usize>load<u32>(lanes + lane * LANE, AT);
}

// Steps over a block; true when it was the last of the lane's message.
function advance(lane: usize): bool {
  const at = lanes + lane * LANE;
  const left = load<u32>(at, LEFT);
  // An idle lane goes over its old tail again.
  if (left == 0) return false;
  store<u32>(at, left - 1, LEFT);
  if (left == 1) return true;
  const whole = load<u32>(at, WHOLE);
  if (whole != 0) store<u32>(at, whole - 1, WHOLE);
  const next = whole == 1 ? tailOf(lane) : nextBlock(lane) + SHA256_BLOCK;
  store<u32>(at, <u32>next, AT);
  return false;
}

// Ends the message of the last lane at work without the other three.
function finishAlone(lane: usize): void {
  const at = lanes + lane * LANE;
  const whole = load<u32>(at, WHOLE);
  const left = load<u32>(at, LEFT);
  let next = nextBlock(lane);
  countOperations(COUNT_HASH, left);
  x4CopyLane(single, states, lane);
  if (whole != 0) {
    sha256Compress(single, next, <usize>whole);
    next = tailOf(lane);
  }
  sha256Compress(single, next, <usize>(left - whole));
  sha256Digest(<usize>load<u32>(at, TO), single);
  store<u32>(at, 0, LEFT);
}

/**
 * The digests of `count` messages, message i of lengths[i] bytes at messages[i] (arrays of u32);
 * digest i goes to dst + 32 * i. `dst` must not overlap a message.
 */
export function sha256Many(count: usize, dst: usize, messages: usize, lengths: usize): void {
  let next: usize = 0;
  let busy: u32 = 0;
  for (let lane: usize = 0; lane < 4; lane++) {
    if (next < count) {
      beginAt(lane, next, dst, messages, lengths);
      next++;
      busy++;
    } else {
      rest(lane);
    }
  }
  while (busy > 1) {
    x4Load(SHA256_BLOCK, nextBlock(0), nextBlock(1), nextBlock(2), nextBlock(3));
    x4Compress(states);
    for (let lane: usize = 0; lane < 4; lane++) {
      if (!advance(lane)) continue;
      x4CopyLane(single, states, lane);
      sha256Digest(<usize>load<u32>(lanes + lane * LANE, TO), single);
      if (next < count) {
        beginAt(lane, next, dst, messages, lengths);
        next++;
      } else {
        busy--;
      }
    }
  }
  for (let lane: usize = 0; lane < 4; lane++) {
    if (load<u32>(lanes + lane * LANE, LEFT) != 0) finishAlone(lane);
  }
  wipe(tails, TAILS_LENGTH);
  wipe(states, STATE_X4);
  wipe(single, 32);
  sha256Wipe();
  x4Wipe();
}
