// Products and squares in GF(2^255 - 19), four at once: from limbs to columns (see `fe25519.ts`).
//
// Column k sums f[i] g[k - i], and `dot` adds two neighbouring products. In an even column k = 2 (i + m), vector i of f
// meets limbs 2m and 2m - 1 of g, a blend of two of its vectors; in an odd one, vector i with its halves swapped meets
// vector m of g as it stands. Five vectors of f stay in registers while g slides past them, so that every vector is
// loaded twice, and each column is stored before the next is begun: all that lives at a time fits in registers.
// Written out, because a loop costs more than what it repeats.

import { add, blend, column, dot, foldAndCarry, put } from "./columns25519";

/** Limbs 2p + 1 and 2p of all lanes, from vector p. */
export function swapHalves(a: v128): v128 {
  return v128.shuffle<i16>(a, a, 1, 0, 3, 2, 5, 4, 7, 6);
}

/** Limb 2p alone. */
function lower(a: v128): v128 {
  return v128.and(a, i32x4.splat(0xffff));
}

/** o = a b. */
export function feMul(o: usize, a: usize, b: usize): void {
  const none = i32x4.splat(0);
  const a0 = v128.load(a);
  const a1 = v128.load(a, 16);
  const a2 = v128.load(a, 32);
  const a3 = v128.load(a, 48);
  const a4 = v128.load(a, 64);
  const b0 = v128.load(b);
  const p0 = blend(b0, none);
  put(0, dot(a0, p0));
  const b1 = v128.load(b, 16);
  const p2 = blend(b1, b0);
  put(2, add(dot(a0, p2), dot(a1, p0)));
  const b2 = v128.load(b, 32);
  const p4 = blend(b2, b1);
  put(4, add(add(dot(a0, p4), dot(a1, p2)), dot(a2, p0)));
  const b3 = v128.load(b, 48);
  const p6 = blend(b3, b2);
  put(6, add(add(dot(a0, p6), dot(a1, p4)), add(dot(a2, p2), dot(a3, p0))));
  const b4 = v128.load(b, 64);
  const p8 = blend(b4, b3);
  put(8, add(add(add(dot(a0, p8), dot(a1, p6)), add(dot(a2, p4), dot(a3, p2))), dot(a4, p0)));
  const b5 = v128.load(b, 80);
  const p10 = blend(b5, b4);
  put(10, add(add(add(dot(a0, p10), dot(a1, p8)), add(dot(a2, p6), dot(a3, p4))), dot(a4, p2)));
  const b6 = v128.load(b, 96);
  const p12 = blend(b6, b5);
  put(12, add(add(add(dot(a0, p12), dot(a1, p10)), add(dot(a2, p8), dot(a3, p6))), dot(a4, p4)));
  const b7 = v128.load(b, 112);
  const p14 = blend(b7, b6);
  put(14, add(add(add(dot(a0, p14), dot(a1, p12)), add(dot(a2, p10), dot(a3, p8))), dot(a4, p6)));
  const b8 = v128.load(b, 128);
  const p16 = blend(b8, b7);
  put(16, add(add(add(dot(a0, p16), dot(a1, p14)), add(dot(a2, p12), dot(a3, p10))), dot(a4, p8)));
  const b9 = v128.load(b, 144);
  const p18 = blend(b9, b8);
  put(18, add(add(add(dot(a0, p18), dot(a1, p16)), add(dot(a2, p14), dot(a3, p12))), dot(a4, p10)));
  const p20 = blend(none, b9);
  put(20, add(add(add(dot(a0, p20), dot(a1, p18)), add(dot(a2, p16), dot(a3, p14))), dot(a4, p12)));
  put(22, add(add(dot(a1, p20), dot(a2, p18)), add(dot(a3, p16), dot(a4, p14))));
  put(24, add(add(dot(a2, p20), dot(a3, p18)), dot(a4, p16)));
  put(26, add(dot(a3, p20), dot(a4, p18)));
  put(28, dot(a4, p20));
  const s0 = swapHalves(a0);
  const s1 = swapHalves(a1);
  const s2 = swapHalves(a2);
  const s3 = swapHalves(a3);
  const s4 = swapHalves(a4);
  const p1 = v128.load(b);
  put(1, dot(s0, p1));
  const p3 = v128.load(b, 16);
  put(3, add(dot(s0, p3), dot(s1, p1)));
  const p5 = v128.load(b, 32);
  put(5, add(add(dot(s0, p5), dot(s1, p3)), dot(s2, p1)));
  const p7 = v128.load(b, 48);
  put(7, add(add(dot(s0, p7), dot(s1, p5)), add(dot(s2, p3), dot(s3, p1))));
  const p9 = v128.load(b, 64);
  put(9, add(add(add(dot(s0, p9), dot(s1, p7)), add(dot(s2, p5), dot(s3, p3))), dot(s4, p1)));
  const p11 = v128.load(b, 80);
  put(11, add(add(add(dot(s0, p11), dot(s1, p9)), add(dot(s2, p7), dot(s3, p5))), dot(s4, p3)));
  const p13 = v128.load(b, 96);
  put(13, add(add(add(dot(s0, p13), dot(s1, p11)), add(dot(s2, p9), dot(s3, p7))), dot(s4, p5)));
  const p15 = v128.load(b, 112);
  put(15, add(add(add(dot(s0, p15), dot(s1, p13)), add(dot(s2, p11), dot(s3, p9))), dot(s4, p7)));
  const p17 = v128.load(b, 128);
  put(17, add(add(add(dot(s0, p17), dot(s1, p15)), add(dot(s2, p13), dot(s3, p11))), dot(s4, p9)));
  const p19 = v128.load(b, 144);
  put(19, add(add(add(dot(s0, p19), dot(s1, p17)), add(dot(s2, p15), dot(s3, p13))), dot(s4, p11)));
  put(21, add(add(dot(s1, p19), dot(s2, p17)), add(dot(s3, p15), dot(s4, p13))));
  put(23, add(add(dot(s2, p19), dot(s3, p17)), dot(s4, p15)));
  put(25, add(dot(s3, p19), dot(s4, p17)));
  put(27, dot(s4, p19));
  const a5 = v128.load(a, 80);
  const a6 = v128.load(a, 96);
  const a7 = v128.load(a, 112);
  const a8 = v128.load(a, 128);
  const a9 = v128.load(a, 144);
  const c0 = v128.load(b);
  const q0 = blend(c0, none);
  put(10, add(column(10), dot(a5, q0)));
  const c1 = v128.load(b, 16);
  const q2 = blend(c1, c0);
  put(12, add(column(12), add(dot(a5, q2), dot(a6, q0))));
  const c2 = v128.load(b, 32);
  const q4 = blend(c2, c1);
  put(14, add(column(14), add(add(dot(a5, q4), dot(a6, q2)), dot(a7, q0))));
  const c3 = v128.load(b, 48);
  const q6 = blend(c3, c2);
  put(16, add(column(16), add(add(dot(a5, q6), dot(a6, q4)), add(dot(a7, q2), dot(a8, q0)))));
  const c4 = v128.load(b, 64);
  const q8 = blend(c4, c3);
  put(18, add(column(18), add(add(add(dot(a5, q8), dot(a6, q6)), add(dot(a7, q4), dot(a8, q2))), dot(a9, q0))));
  const c5 = v128.load(b, 80);
  const q10 = blend(c5, c4);
  put(20, add(column(20), add(add(add(dot(a5, q10), dot(a6, q8)), add(dot(a7, q6), dot(a8, q4))), dot(a9, q2))));
  const c6 = v128.load(b, 96);
  const q12 = blend(c6, c5);
  put(22, add(column(22), add(add(add(dot(a5, q12), dot(a6, q10)), add(dot(a7, q8), dot(a8, q6))), dot(a9, q4))));
  const c7 = v128.load(b, 112);
  const q14 = blend(c7, c6);
  put(24, add(column(24), add(add(add(dot(a5, q14), dot(a6, q12)), add(dot(a7, q10), dot(a8, q8))), dot(a9, q6))));
  const c8 = v128.load(b, 128);
  const q16 = blend(c8, c7);
  put(26, add(column(26), add(add(add(dot(a5, q16), dot(a6, q14)), add(dot(a7, q12), dot(a8, q10))), dot(a9, q8))));
  const c9 = v128.load(b, 144);
  const q18 = blend(c9, c8);
  put(28, add(column(28), add(add(add(dot(a5, q18), dot(a6, q16)), add(dot(a7, q14), dot(a8, q12))), dot(a9, q10))));
  const q20 = blend(none, c9);
  put(30, add(add(add(dot(a5, q20), dot(a6, q18)), add(dot(a7, q16), dot(a8, q14))), dot(a9, q12)));
  put(32, add(add(dot(a6, q20), dot(a7, q18)), add(dot(a8, q16), dot(a9, q14))));
  put(34, add(add(dot(a7, q20), dot(a8, q18)), dot(a9, q16)));
  put(36, add(dot(a8, q20), dot(a9, q18)));
  put(38, dot(a9, q20));
  const s5 = swapHalves(a5);
  const s6 = swapHalves(a6);
  const s7 = swapHalves(a7);
  const s8 = swapHalves(a8);
  const s9 = swapHalves(a9);
  const q1 = v128.load(b);
  put(11, add(column(11), dot(s5, q1)));
  const q3 = v128.load(b, 16);
  put(13, add(column(13), add(dot(s5, q3), dot(s6, q1))));
  const q5 = v128.load(b, 32);
  put(15, add(column(15), add(add(dot(s5, q5), dot(s6, q3)), dot(s7, q1))));
  const q7 = v128.load(b, 48);
  put(17, add(column(17), add(add(dot(s5, q7), dot(s6, q5)), add(dot(s7, q3), dot(s8, q1)))));
  const q9 = v128.load(b, 64);
  put(19, add(column(19), add(add(add(dot(s5, q9), dot(s6, q7)), add(dot(s7, q5), dot(s8, q3))), dot(s9, q1))));
  const q11 = v128.load(b, 80);
  put(21, add(column(21), add(add(add(dot(s5, q11), dot(s6, q9)), add(dot(s7, q7), dot(s8, q5))), dot(s9, q3))));
  const q13 = v128.load(b, 96);
  put(23, add(column(23), add(add(add(dot(s5, q13), dot(s6, q11)), add(dot(s7, q9), dot(s8, q7))), dot(s9, q5))));
  const q15 = v128.load(b, 112);
  put(25, add(column(25), add(add(add(dot(s5, q15), dot(s6, q13)), add(dot(s7, q11), dot(s8, q9))), dot(s9, q7))));
  const q17 = v128.load(b, 128);
  put(27, add(column(27), add(add(add(dot(s5, q17), dot(s6, q15)), add(dot(s7, q13), dot(s8, q11))), dot(s9, q9))));
  const q19 = v128.load(b, 144);
  put(29, add(add(add(dot(s5, q19), dot(s6, q17)), add(dot(s7, q15), dot(s8, q13))), dot(s9, q11)));
  put(31, add(add(dot(s6, q19), dot(s7, q17)), add(dot(s8, q15), dot(s9, q13))));
  put(33, add(add(dot(s7, q19), dot(s8, q17)), dot(s9, q15)));
  put(35, add(dot(s8, q19), dot(s9, q17)));
  put(37, dot(s9, q19));
  foldAndCarry(o);
}

function twice(limbs: v128): v128 {
  return i16x8.add(limbs, limbs);
}

/** o = a^2. */
export function feSqr(o: usize, a: usize): void {
  const none = i32x4.splat(0);
  const a0 = v128.load(a);
  const p0 = blend(a0, none);
  put(0, dot(lower(a0), p0));
  const a1 = v128.load(a, 16);
  const p2 = blend(a1, a0);
  const d0 = twice(a0);
  put(2, dot(blend(d0, a0), p2));
  const a2 = v128.load(a, 32);
  const p4 = blend(a2, a1);
  put(4, add(dot(d0, p4), dot(lower(a1), p2)));
  const a3 = v128.load(a, 48);
  const p6 = blend(a3, a2);
  const d1 = twice(a1);
  put(6, add(dot(d0, p6), dot(blend(d1, a1), p4)));
  const a4 = v128.load(a, 64);
  const p8 = blend(a4, a3);
  put(8, add(add(dot(d0, p8), dot(d1, p6)), dot(lower(a2), p4)));
  const a5 = v128.load(a, 80);
  const p10 = blend(a5, a4);
  const d2 = twice(a2);
  put(10, add(add(dot(d0, p10), dot(d1, p8)), dot(blend(d2, a2), p6)));
  const a6 = v128.load(a, 96);
  const p12 = blend(a6, a5);
  put(12, add(add(dot(d0, p12), dot(d1, p10)), add(dot(d2, p8), dot(lower(a3), p6))));
  const a7 = v128.load(a, 112);
  const p14 = blend(a7, a6);
  const d3 = twice(a3);
  put(14, add(add(dot(d0, p14), dot(d1, p12)), add(dot(d2, p10), dot(blend(d3, a3), p8))));
  const a8 = v128.load(a, 128);
  const p16 = blend(a8, a7);
  put(16, add(add(add(dot(d0, p16), dot(d1, p14)), add(dot(d2, p12), dot(d3, p10))), dot(lower(a4), p8)));
  const a9 = v128.load(a, 144);
  const p18 = blend(a9, a8);
  const d4 = twice(a4);
  put(18, add(add(add(dot(d0, p18), dot(d1, p16)), add(dot(d2, p14), dot(d3, p12))), dot(blend(d4, a4), p10)));
  const p20 = blend(none, a9);
  put(
    20,
    add(add(add(dot(d0, p20), dot(d1, p18)), add(dot(d2, p16), dot(d3, p14))), add(dot(d4, p12), dot(lower(a5), p10))),
  );
  const d5 = twice(a5);
  put(22, add(add(add(dot(d1, p20), dot(d2, p18)), add(dot(d3, p16), dot(d4, p14))), dot(blend(d5, a5), p12)));
  put(24, add(add(add(dot(d2, p20), dot(d3, p18)), add(dot(d4, p16), dot(d5, p14))), dot(lower(a6), p12)));
  const d6 = twice(a6);
  put(26, add(add(dot(d3, p20), dot(d4, p18)), add(dot(d5, p16), dot(blend(d6, a6), p14))));
  put(28, add(add(dot(d4, p20), dot(d5, p18)), add(dot(d6, p16), dot(lower(a7), p14))));
  const d7 = twice(a7);
  put(30, add(add(dot(d5, p20), dot(d6, p18)), dot(blend(d7, a7), p16)));
  put(32, add(add(dot(d6, p20), dot(d7, p18)), dot(lower(a8), p16)));
  const d8 = twice(a8);
  put(34, add(dot(d7, p20), dot(blend(d8, a8), p18)));
  put(36, add(dot(d8, p20), dot(lower(a9), p18)));
  const d9 = twice(a9);
  put(38, dot(blend(d9, a9), p20));
  const n0 = v128.load(a);
  const s0 = swapHalves(n0);
  put(1, dot(s0, n0));
  const n1 = v128.load(a, 16);
  const t0 = twice(s0);
  put(3, dot(t0, n1));
  const n2 = v128.load(a, 32);
  const s1 = swapHalves(n1);
  put(5, add(dot(t0, n2), dot(s1, n1)));
  const n3 = v128.load(a, 48);
  const t1 = twice(s1);
  put(7, add(dot(t0, n3), dot(t1, n2)));
  const n4 = v128.load(a, 64);
  const s2 = swapHalves(n2);
  put(9, add(add(dot(t0, n4), dot(t1, n3)), dot(s2, n2)));
  const n5 = v128.load(a, 80);
  const t2 = twice(s2);
  put(11, add(add(dot(t0, n5), dot(t1, n4)), dot(t2, n3)));
  const n6 = v128.load(a, 96);
  const s3 = swapHalves(n3);
  put(13, add(add(dot(t0, n6), dot(t1, n5)), add(dot(t2, n4), dot(s3, n3))));
  const n7 = v128.load(a, 112);
  const t3 = twice(s3);
  put(15, add(add(dot(t0, n7), dot(t1, n6)), add(dot(t2, n5), dot(t3, n4))));
  const n8 = v128.load(a, 128);
  const s4 = swapHalves(n4);
  put(17, add(add(add(dot(t0, n8), dot(t1, n7)), add(dot(t2, n6), dot(t3, n5))), dot(s4, n4)));
  const n9 = v128.load(a, 144);
  const t4 = twice(s4);
  put(19, add(add(add(dot(t0, n9), dot(t1, n8)), add(dot(t2, n7), dot(t3, n6))), dot(t4, n5)));
  const s5 = swapHalves(n5);
  put(21, add(add(add(dot(t1, n9), dot(t2, n8)), add(dot(t3, n7), dot(t4, n6))), dot(s5, n5)));
  const t5 = twice(s5);
  put(23, add(add(dot(t2, n9), dot(t3, n8)), add(dot(t4, n7), dot(t5, n6))));
  const s6 = swapHalves(n6);
  put(25, add(add(dot(t3, n9), dot(t4, n8)), add(dot(t5, n7), dot(s6, n6))));
  const t6 = twice(s6);
  put(27, add(add(dot(t4, n9), dot(t5, n8)), dot(t6, n7)));
  const s7 = swapHalves(n7);
  put(29, add(add(dot(t5, n9), dot(t6, n8)), dot(s7, n7)));
  const t7 = twice(s7);
  put(31, add(dot(t6, n9), dot(t7, n8)));
  const s8 = swapHalves(n8);
  put(33, add(dot(t7, n9), dot(s8, n8)));
  const t8 = twice(s8);
  put(35, dot(t8, n9));
  const s9 = swapHalves(n9);
  put(37, dot(s9, n9));
  foldAndCarry(o);
}
