import assert from "node:assert/strict";
import test from "node:test";
import { partsOf, partsOfName } from "./snippet.ts";

const snippet = (text: string, ...matches: [number, number][]) => ({
  text, matches: matches.map(([begin, end]) => ({ begin, end })),
  is_cut_before: false, is_cut_after: false,
});

test("ranges count bytes, not letters", () => {
  assert.deepEqual(partsOf(snippet("İşte toplantı", [7, 16])), [
    { text: "İşte ", isMatch: false }, { text: "toplantı", isMatch: true },
  ]);
});

test("nothing found is the text alone; nonsense is passed over", () => {
  assert.deepEqual(partsOf(snippet("abc")), [{ text: "abc", isMatch: false }]);
  assert.deepEqual(partsOf(snippet("abc", [2, 9], [1, 2], [0, 1])), [
    { text: "a", isMatch: false }, { text: "b", isMatch: true }, { text: "c", isMatch: false },
  ]);
  assert.deepEqual(partsOf(snippet("")), []);
});

test("names are marked where a word of them begins so", () => {
  assert.deepEqual(partsOfName("Planning meeting, November.mp4", 'meet* "november" -plan'), [
    { text: "Planning ", isMatch: false }, { text: "meet", isMatch: true },
    { text: "ing, ", isMatch: false }, { text: "November", isMatch: true }, { text: ".mp4", isMatch: false },
  ]);
  assert.deepEqual(partsOfName("a (b).wav", "( .*"), [{ text: "a (b).wav", isMatch: false }]);
  assert.deepEqual(partsOfName("abc", ""), [{ text: "abc", isMatch: false }]);
});
