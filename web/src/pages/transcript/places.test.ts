import assert from "node:assert/strict";
import test from "node:test";
import { parseClock } from "../../i18n/format.ts";
import { caretAt, isDoubtful, lastBegun, timeOfHash, wordAt } from "./places.ts";

const starts = [{ start: 0.5 }, { start: 2 }, { start: 7 }];

test("the last that has begun", () => {
  assert.equal(lastBegun([], 3), -1);
  assert.equal(lastBegun(starts, 0.4), -1);
  assert.equal(lastBegun(starts, 0.5), 0);
  assert.equal(lastBegun(starts, 6.9), 1);
  assert.equal(lastBegun(starts, 99), 2);
});

test("between two words nobody speaks", () => {
  const words = [{ text: "bir", start: 1, end: 1.5, probability: 1 },
    { text: "iki", start: 3, end: 3.5, probability: 1 }];
  const segment = { index: 0, start: 1, end: 3.5, text: "bir iki", speaker: null, words };
  assert.equal(wordAt(segment, 1.2), 0);
  assert.equal(wordAt(segment, 2.5), -1);
  assert.equal(wordAt(segment, 3), 1);
  assert.equal(wordAt(undefined, 3), -1);
});

test("correcting begins at the word that is heard", () => {
  const word = (text: string, start: number) => ({ text, start, end: start + 0.5, probability: 1 });
  const words = [word(" On", 1), word(" bir", 2), word(",", 2.4), word(" iki", 3)];
  const segment = { index: 0, start: 1, end: 3.5, text: "On bir, iki", speaker: null, words };
  assert.equal(caretAt(segment, segment.text, 1.2), 0);
  assert.equal(caretAt(segment, segment.text, 2.1), 3);
  assert.equal(caretAt(segment, segment.text, 2.5), 6);
  assert.equal(caretAt(segment, segment.text, 9), 8);
  assert.equal(caretAt(segment, segment.text, 0.5), null);
  assert.equal(caretAt(segment, "On iki", 2.1), null);
});

test("punctuation is never in doubt", () => {
  const word = (text: string, probability: number) => ({ text, probability, start: 0, end: 1 });
  assert.equal(isDoubtful(word("ş", 0.2)), true);
  assert.equal(isDoubtful(word(" —", 0.2)), false);
  assert.equal(isDoubtful(word("söz", 0.9)), false);
});

test("an address can carry a time", () => {
  assert.equal(timeOfHash("#t=62.5", parseClock), 62.5);
  assert.equal(timeOfHash("#t=1:02.5", parseClock), 62.5);
  assert.equal(timeOfHash("#t=", parseClock), null);
  assert.equal(timeOfHash("", parseClock), null);
});
