import assert from "node:assert/strict";
import test from "node:test";
import { endReasonOf } from "./end_reason.ts";
import { t } from "./words.ts";

const said = [
  "stopped", "task limit", "memory limit", "lease lost", "failed", "no sign of life for 30000 ms", "exit 0",
  "exit 75", "signal 9 (Killed)", "signal 11 (Segmentation fault)",
];

test("every reason that a server gives has words in both languages", () => {
  for (const text of said) {
    const reason = endReasonOf(text);
    assert.ok(reason, text);
    for (const language of ["en", "tr"] as const) {
      assert.ok(reason.key in t.words[language], `${language}: ${reason.key}`);
    }
  }
});

test("numbers and names come along", () => {
  assert.equal(endReasonOf("no sign of life for 30000 ms")?.silence_ms, 30_000);
  assert.deepEqual(endReasonOf("exit 75")?.values, { code: "75" });
  assert.deepEqual(endReasonOf("signal 11 (Segmentation fault)")?.values, {
    number: "11",
    name: "Segmentation fault",
  });
});

test("what is not known stays as it is", () => {
  for (const text of ["", "test", "exit", "signal nine"]) assert.equal(endReasonOf(text), null);
});
