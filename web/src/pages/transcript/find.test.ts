import assert from "node:assert/strict";
import test from "node:test";
import { findIn, pattern, placeFrom, replaceAll, replaceOne } from "./find.ts";

const plain = { language: "en", isCaseSensitive: false, isWholeWord: false };
const turkish = { ...plain, language: "tr" };
const count = (text: string, wanted: string, options = plain) =>
  findIn([text], pattern(wanted, options)).length;

test("letters fit in both cases, and what has a meaning in patterns has none here", () => {
  assert.equal(count("Katip, katip and KATIP", "katip"), 3);
  assert.equal(count("a.c abc (x) [y]", "a.c"), 1);
  assert.equal(count("a.c abc (x) [y] 1-2", "(x)"), 1);
  assert.equal(count("1-2", "1-2"), 1);
  assert.equal(count("Katip", "katip", { ...plain, isCaseSensitive: true }), 0);
  assert.equal(count("anything", ""), 0);
});

test("Turkish has two letters i", () => {
  assert.equal(count("İstanbul ISPARTA ısparta istanbul", "istanbul", turkish), 2);
  assert.equal(count("İstanbul ISPARTA ısparta istanbul", "ısparta", turkish), 2);
  assert.equal(count("ISPARTA", "isparta", turkish), 0);
});

test("whole words end where letters end, also those with marks", () => {
  const options = { ...turkish, isWholeWord: true };
  assert.equal(count("şu şura, şu. aşu", "şu", options), 2);
});

test("places and replacements", () => {
  const texts = ["bir iki", "iki iki", "üç"];
  assert.deepEqual(findIn(texts, pattern("iki", turkish)), [
    { segment: 0, begin: 4, end: 7 }, { segment: 1, begin: 0, end: 3 }, { segment: 1, begin: 4, end: 7 },
  ]);
  assert.deepEqual(replaceAll(texts, pattern("iki", turkish), "$&2"), [
    { index: 0, text: "bir $&2" }, { index: 1, text: "$&2 $&2" },
  ]);
});

test("one place after the other, and round again", () => {
  const texts = ["bir iki", "iki iki", "üç"];
  const matches = findIn(texts, pattern("iki", turkish));
  assert.equal(replaceOne(texts[1]!, matches[2]!, "i"), "iki i");
  assert.equal(placeFrom(matches, 0, 0), 0);
  assert.equal(placeFrom(matches, 0, 5), 1);
  assert.equal(placeFrom(matches, 1, 3), 2);
  assert.equal(placeFrom(matches, 2, 0), 0, "behind the last one it begins anew");
  assert.equal(placeFrom([], 0, 0), -1);
});
