// The allocator of the core: runs of 64 KiB pages, slabs of small blocks inside single pages,
// and a scratch stack for the duration of one operation.
//
// What `allocate` returns is zero, and what is released is wiped: no secret outlives its block.
// Running out of the address space, 4 GiB but for one page, is a trap (the engine is then poisoned); every size that
// comes from the network has been checked against a limit before it gets here.

import { wipe } from "./bytes";

const PAGE: usize = 65536;
const PAGE_COUNT: usize = 65536;
/** The last page is never used: no block ends at 2^32, where the address of its end would be 0. */
const PAGE_LIMIT: usize = PAGE_COUNT - 1;

// One word per page: (pages of the run << 2 | kind), at the first and the last page of a run.
const table: usize = memory.data(PAGE_COUNT << 2, 16);
const KIND_FREE: u32 = 1;
const KIND_RUN: u32 = 2;
const KIND_SLAB: u32 = 3;

// Free runs are listed by size: list b has those of 2^b pages and more, below 2^(b + 1). A free run holds its links in its
// first bytes; all its other bytes are zero.
const RUN_NEXT: usize = 0;
const RUN_PREVIOUS: usize = 4;
const LIST_COUNT: u32 = 17;
const freeRuns: usize = memory.data(68, 4);

/** The memory grows by so many pages at least, if not by an eighth: growing costs more than a page. */
const LEAST_GROWTH: usize = 16;

// A slab page: header, then blocks of one size. Free blocks are linked through their first word.
const SLAB_CLASS: usize = 0;
const SLAB_LIVE: usize = 4;
const SLAB_FREE: usize = 8;
const SLAB_NEXT: usize = 12;
const SLAB_PREVIOUS: usize = 16;
const SLAB_FRESH: usize = 20; // offset of the first block never handed out
const SLAB_HEADER: usize = 64;

const CLASS_COUNT: i32 = 22;
const classSizes: usize = memory.data<u16>([
  16, 32, 48, 64, 96, 128, 192, 256, 320, 384, 512, 768, 1024, 1536, 2048, 3072, 4096, 6144, 8176, 13088, 21808, 32720,
]);
const LARGEST_BLOCK: usize = 32720;
const partialSlabs: usize = memory.data((<i32>CLASS_COUNT) << 2, 4);

let bytesInUse: usize = 0;
let highestPage: usize = 0;

function entry(page: usize): usize {
  return table + (page << 2);
}

function markRun(page: usize, pages: usize, kind: u32): void {
  const word = ((<u32>pages) << 2) | kind;
  store<u32>(entry(page), word);
  store<u32>(entry(page + pages - 1), word);
}

function lengthOf(run: usize): usize {
  return <usize>(load<u32>(entry(run >>> 16)) >> 2);
}

function listOf(pages: usize): u32 {
  return 31 - clz(<u32>pages);
}

function headOf(list: u32): usize {
  return freeRuns + ((<usize>list) << 2);
}

// The run is marked already.
function linkFree(run: usize): void {
  const head = headOf(listOf(lengthOf(run)));
  const first = <usize>load<u32>(head);
  store<u32>(run, <u32>first, RUN_NEXT);
  store<u32>(run, 0, RUN_PREVIOUS);
  if (first != 0) store<u32>(first, <u32>run, RUN_PREVIOUS);
  store<u32>(head, <u32>run);
}

// The run is marked still.
function unlinkFree(run: usize): void {
  const next = <usize>load<u32>(run, RUN_NEXT);
  const previous = <usize>load<u32>(run, RUN_PREVIOUS);
  if (previous != 0) store<u32>(previous, <u32>next, RUN_NEXT);
  else store<u32>(headOf(listOf(lengthOf(run))), <u32>next);
  if (next != 0) store<u32>(next, <u32>previous, RUN_PREVIOUS);
  store<u64>(run, 0);
}

// A free run of at least `pages`, or 0. Only in the list of that size can runs be too short.
function findRun(pages: usize): usize {
  const first = listOf(pages);
  for (let list = first; list < LIST_COUNT; list++) {
    let run = <usize>load<u32>(headOf(list));
    while (list == first && run != 0 && lengthOf(run) < pages) run = <usize>load<u32>(run, RUN_NEXT);
    if (run != 0) return run;
  }
  return 0;
}

function takeRun(pages: usize, kind: u32): usize {
  let run = findRun(pages);
  if (run == 0) {
    grow(pages);
    run = findRun(pages);
  }
  const length = lengthOf(run);
  unlinkFree(run);
  const page = run >>> 16;
  if (length > pages) {
    markRun(page + pages, length - pages, KIND_FREE);
    linkFree(run + (pages << 16));
  }
  markRun(page, pages, kind);
  return run;
}

// The number of pages before, or -1.
function growBy(pages: usize): i32 {
  return <usize>memory.size() + pages > PAGE_LIMIT ? -1 : memory.grow(<i32>pages);
}

// Makes a free run of at least `pages`.
function grow(pages: usize): void {
  let more = max(pages, max(LEAST_GROWTH, highestPage >> 3));
  let before = growBy(more);
  if (before < 0) {
    more = pages;
    before = growBy(more);
    if (before < 0) unreachable();
  }
  highestPage = <usize>before + more;
  giveRun((<usize>before) << 16, more);
}

// The run's bytes are zero already.
function giveRun(run: usize, pages: usize): void {
  let page = run >>> 16;
  let length = pages;
  if (page + length < highestPage) {
    const after = load<u32>(entry(page + length));
    if ((after & 3) == KIND_FREE) {
      unlinkFree((page + length) << 16);
      length += <usize>(after >> 2);
    }
  }
  const before = load<u32>(entry(page - 1));
  if ((before & 3) == KIND_FREE) {
    const previousLength = <usize>(before >> 2);
    unlinkFree((page - previousLength) << 16);
    page -= previousLength;
    length += previousLength;
  }
  markRun(page, length, KIND_FREE);
  linkFree(page << 16);
}

function classOf(lengthBytes: usize): i32 {
  let low = 0;
  let high = CLASS_COUNT - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (<usize>load<u16>(classSizes + ((<usize>middle) << 1)) < lengthBytes) low = middle + 1;
    else high = middle;
  }
  return low;
}

function takeSlab(sizeClass: i32): usize {
  const slab = takeRun(1, KIND_SLAB);
  store<u32>(slab, sizeClass, SLAB_CLASS);
  store<u32>(slab, 0, SLAB_LIVE);
  store<u32>(slab, 0, SLAB_FREE);
  store<u32>(slab, <u32>SLAB_HEADER, SLAB_FRESH);
  linkSlab(slab, sizeClass);
  return slab;
}

function linkSlab(slab: usize, sizeClass: i32): void {
  const head = partialSlabs + ((<usize>sizeClass) << 2);
  const first = <usize>load<u32>(head);
  store<u32>(slab, <u32>first, SLAB_NEXT);
  store<u32>(slab, 0, SLAB_PREVIOUS);
  if (first != 0) store<u32>(first, <u32>slab, SLAB_PREVIOUS);
  store<u32>(head, <u32>slab);
}

function unlinkSlab(slab: usize, sizeClass: i32): void {
  const next = <usize>load<u32>(slab, SLAB_NEXT);
  const previous = <usize>load<u32>(slab, SLAB_PREVIOUS);
  if (previous != 0) store<u32>(previous, <u32>next, SLAB_NEXT);
  else store<u32>(partialSlabs + ((<usize>sizeClass) << 2), <u32>next);
  if (next != 0) store<u32>(next, <u32>previous, SLAB_PREVIOUS);
}

function isFull(slab: usize, size: usize): bool {
  return load<u32>(slab, SLAB_FREE) == 0 && <usize>load<u32>(slab, SLAB_FRESH) + size > PAGE;
}

/** A zeroed block of at least `lengthBytes` bytes, aligned to 16. Never 0. */
export function allocate(lengthBytes: usize): usize {
  if (lengthBytes > LARGEST_BLOCK) {
    if (lengthBytes > 0xfff00000) unreachable();
    const pages = (lengthBytes + PAGE - 1) >>> 16;
    bytesInUse += pages << 16;
    return takeRun(pages, KIND_RUN);
  }
  const sizeClass = classOf(lengthBytes);
  const size = <usize>load<u16>(classSizes + ((<usize>sizeClass) << 1));
  let slab = <usize>load<u32>(partialSlabs + ((<usize>sizeClass) << 2));
  if (slab == 0) slab = takeSlab(sizeClass);
  let block = <usize>load<u32>(slab, SLAB_FREE);
  if (block != 0) {
    store<u32>(slab, load<u32>(block), SLAB_FREE);
    store<u32>(block, 0);
  } else {
    const fresh = <usize>load<u32>(slab, SLAB_FRESH);
    block = slab + fresh;
    store<u32>(slab, <u32>(fresh + size), SLAB_FRESH);
  }
  store<u32>(slab, load<u32>(slab, SLAB_LIVE) + 1, SLAB_LIVE);
  if (isFull(slab, size)) unlinkSlab(slab, sizeClass);
  bytesInUse += size;
  return block;
}

/** Wipes a block that `allocate` returned and gives it back; 0 is ignored. */
export function release(block: usize): void {
  if (block == 0) return;
  const slab = block & ~(PAGE - 1);
  if (slab == block) {
    const pages = <usize>(load<u32>(entry(block >>> 16)) >> 2);
    wipe(block, pages << 16);
    bytesInUse -= pages << 16;
    giveRun(block, pages);
    return;
  }
  const sizeClass = load<i32>(slab, SLAB_CLASS);
  const size = <usize>load<u16>(classSizes + ((<usize>sizeClass) << 1));
  wipe(block, size);
  bytesInUse -= size;
  const wasFull = isFull(slab, size);
  const live = load<u32>(slab, SLAB_LIVE) - 1;
  store<u32>(slab, live, SLAB_LIVE);
  if (live == 0) {
    if (!wasFull) unlinkSlab(slab, sizeClass);
    wipe(slab, PAGE);
    giveRun(slab, 1);
    return;
  }
  store<u32>(block, load<u32>(slab, SLAB_FREE));
  store<u32>(slab, <u32>block, SLAB_FREE);
  if (wasFull) linkSlab(slab, sizeClass);
}

/** Bytes handed out at present, block sizes rounded up; the leak alarm of the tests reads it. */
export function memoryInUse(): usize {
  return bytesInUse;
}

// The scratch stack: a list of chunks, each an allocated run. A mark is an address in a chunk.
const CHUNK_PREVIOUS: usize = 0;
const CHUNK_END: usize = 4;
const CHUNK_HEADER: usize = 16;
const CHUNK_LENGTH: usize = 4 * PAGE;
let chunk: usize = 0;
let scratchTop: usize = 0;

/** Remembers the top of the scratch stack for `scratchRelease`. */
export function scratchMark(): usize {
  if (chunk == 0) pushChunk(CHUNK_LENGTH);
  return scratchTop;
}

function pushChunk(length: usize): void {
  const next = allocate(length);
  const pages = <usize>(load<u32>(entry(next >>> 16)) >> 2);
  store<u32>(next, <u32>chunk, CHUNK_PREVIOUS);
  store<u32>(next, <u32>(next + (pages << 16) - 1), CHUNK_END);
  chunk = next;
  scratchTop = next + CHUNK_HEADER;
}

/** Zeroed memory, aligned to 16, that lives until the mark taken before it is released. */
export function scratch(lengthBytes: usize): usize {
  if (lengthBytes > 0xf0000000) unreachable();
  const length = (lengthBytes + 15) & ~15;
  if (chunk == 0 || length > <usize>load<u32>(chunk, CHUNK_END) + 1 - scratchTop) {
    const needed = length + CHUNK_HEADER;
    pushChunk(needed > CHUNK_LENGTH ? needed : CHUNK_LENGTH);
  }
  const at = scratchTop;
  scratchTop = at + length;
  return at;
}

/** Wipes and frees all scratch taken since `mark`. */
export function scratchRelease(mark: usize): void {
  while (!(mark > chunk && mark - 1 <= <usize>load<u32>(chunk, CHUNK_END))) {
    const previous = <usize>load<u32>(chunk, CHUNK_PREVIOUS);
    release(chunk);
    chunk = previous;
    // The older chunk may be used up to its end; wiping its rest again costs little.
    scratchTop = <usize>load<u32>(chunk, CHUNK_END) + 1;
  }
  wipe(mark, scratchTop - mark);
  scratchTop = mark;
}
