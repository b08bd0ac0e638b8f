import assert from "node:assert/strict";
import test from "node:test";
import { keepChoices, keepDaysOf } from "./keep_days.ts";

const created_at = "2026-03-01T12:00:00.000Z";
const day = 86_400_000;

test("days that are over are not offered", () => {
  const born = Date.parse(created_at);
  assert.deepEqual(keepChoices({ created_at }, born), ["same", "1", "7", "30", "90", "365", "0", "default"]);
  assert.deepEqual(keepChoices({ created_at }, born + 8 * day), ["same", "30", "90", "365", "0", "default"]);
  assert.deepEqual(keepChoices({ created_at }, born + 400 * day), ["same", "0", "default"]);
});

test("the server is told days, for ever, or its own setting", () => {
  assert.equal(keepDaysOf("30"), 30);
  assert.equal(keepDaysOf("0"), 0);
  assert.equal(keepDaysOf("default"), null);
});
