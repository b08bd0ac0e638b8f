import assert from "node:assert/strict";
import test from "node:test";
import { listOf } from "../../jobs/typed_list.ts";
import { options, optionsOf, toChanges, toRequest } from "./options.ts";

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

test("for the same recording again only what differs is sent", () => {
  const given = {
    model: "small", language: "en", beam_size: 5, word_times: true, temperature: 0.2,
    lexicon: ["Ayşe", { term: "katip", weight: 2 }],
  };
  const before = optionsOf(given, ["court"]);
  assert.equal(before.keywords, "Ayşe, katip");
  assert.deepEqual(toChanges(before, before), { options: {} }, "weights and temperatures stay as they are");
  assert.deepEqual(
    toChanges(before, { ...before, model: "", language: "", beam: "1", isTranslated: true, keywords: "", tags: "" }),
    { options: { model: null, language: "auto", beam_size: 1, task: "translate", lexicon: [] }, tags: [] });
  assert.deepEqual(
    toChanges(before, { ...before, hasWordTimes: false, isSeparate: true, prompt: " x ", priority: "2", keepDays: "0" }),
    { options: { word_times: false, channels: "separate", prompt: "x" }, priority: 2, keep_days: 0 });
  assert.equal(optionsOf({ language: "auto" }, []).language, "");
});
