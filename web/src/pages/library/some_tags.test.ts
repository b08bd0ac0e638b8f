import assert from "node:assert/strict";
import test from "node:test";
import { shownTagCount, someOf } from "./some_tags.ts";

const tags = (count: number): string[] => Array.from({ length: count }, (_, i) => `tag ${i}`);

test("a few tags are all shown", () => {
  assert.deepEqual(someOf([]), { shown: [], hidden: [] });
  assert.deepEqual(someOf(tags(shownTagCount + 1)).hidden, [], "one alone is not hidden");
});

test("of many the first are shown, and none is lost", () => {
  const many = tags(45);
  const { shown, hidden } = someOf(many);
  assert.equal(shown.length, shownTagCount);
  assert.deepEqual([...shown, ...hidden], many);
});
