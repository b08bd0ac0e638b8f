import assert from "node:assert/strict";
import test from "node:test";
import type { Segment } from "../../api/types.ts";
import { apply, begin, editsOf } from "./draft.ts";
import { exactClock, moved } from "./times.ts";

const segment = (index: number, start: number, end: number): Segment => ({
  index, start, end, text: `t${index}`, speaker: null, words: [],
});
const draft = () => begin([segment(0, 1, 2), segment(1, 2.5, 4), segment(2, 4, 6)]);

test("an end moves as far as the recording and the order allow", () => {
  assert.deepEqual(moved(draft(), 0, "start", -3, 10), [{ index: 0, start: 0 }]);
  assert.deepEqual(moved(draft(), 0, "start", 9, 10), [{ index: 0, start: 1.95 }]);
  assert.deepEqual(moved(draft(), 2, "end", 99, 10), [{ index: 2, end: 10 }]);
  assert.deepEqual(moved(draft(), 2, "end", 0, 10), [{ index: 2, end: 4.05 }]);
  assert.deepEqual(moved(draft(), 0, "start", 1, 10), [], "it is there already");
});

test("a neighbour in the way gives room and stays", () => {
  assert.deepEqual(moved(draft(), 1, "start", 1.8, 10), [{ index: 1, start: 1.8 }, { index: 0, end: 1.8 }]);
  assert.deepEqual(moved(draft(), 1, "start", 0, 10), [{ index: 1, start: 1.05 }, { index: 0, end: 1.05 }]);
  assert.deepEqual(moved(draft(), 1, "end", 4.2, 10), [{ index: 1, end: 4.2 }, { index: 2, start: 4.2 }]);
  assert.deepEqual(moved(draft(), 1, "end", 99, 10), [{ index: 1, end: 5.95 }, { index: 2, start: 5.95 }]);
});

test("who speaks at the same time goes on doing so", () => {
  const both = begin([segment(0, 1, 5), segment(1, 2, 4), segment(2, 3, 9)]);
  assert.deepEqual(moved(both, 1, "start", 1.2, 10), [{ index: 1, start: 1.2 }]);
  assert.deepEqual(moved(both, 1, "start", 0.2, 10), [{ index: 1, start: 1 }], "but not before the one before");
  assert.deepEqual(moved(both, 1, "end", 8, 10), [{ index: 1, end: 8 }]);
});

test("one move is one step, which the server is told and undo takes back", () => {
  const next = apply(draft(), moved(draft(), 1, "start", 1.8, 10));
  assert.deepEqual(editsOf(next), [{ index: 0, end: 1.8 }, { index: 1, start: 1.8 }]);
  assert.equal(next.done.length, 1);
});

test("times are written to the millisecond", () => {
  assert.deepEqual([0, 62.5, 3723.456, 59.9996].map(exactClock), ["0:00.000", "1:02.500", "1:02:03.456", "1:00.000"]);
});
