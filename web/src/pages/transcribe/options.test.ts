import assert from "node:assert/strict";
import test from "node:test";
import { listOf } from "../../jobs/typed_list.ts";
import { options, toRequest } from "./options.ts";

test("a list is typed with commas or lines; doubles and blanks go", () => {
  assert.deepEqual(listOf(" Ayşe, katip\nkatip ;, "), ["Ayşe", "katip"]);
  assert.deepEqual(listOf(""), []);
});

test("only what was chosen is sent", () => {
  assert.deepEqual(toRequest(options.value), { options: { word_times: true } });
  const chosen = {
    ...options.value, model: "large-v3", language: "tr", isTranslated: true, isSeparate: true, prompt: " Merhaba. ",
    keywords: "katip", priority: "9", tags: "mahkeme, 2026", keepDays: "30",
  };
  assert.deepEqual(toRequest(chosen), {
    options: { word_times: true, model: "large-v3", language: "tr", task: "translate", channels: "separate",
      prompt: "Merhaba.", lexicon: ["katip"] },
    priority: 9,
    keep_days: 30,
    tags: ["mahkeme", "2026"],
  });
  assert.equal(toRequest({ ...options.value, keepDays: "0" }).keep_days, 0, "for ever is a choice");
});
