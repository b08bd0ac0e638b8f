import assert from "node:assert/strict";
import test from "node:test";
import type { Segment } from "../../api/types.ts";
import { afterSaving, apply, begin, editsOf, fieldsAt, merge, redo, undo } from "./draft.ts";

const segment = (index: number, text: string, speaker: string | null = null): Segment => ({
  index, text, speaker, start: index * 2, end: index * 2 + 2, words: [],
});
const three = () => [segment(0, "bir"), segment(1, "iki", "A"), segment(2, "üç", "A")];
const text = (draft: ReturnType<typeof begin>, index: number) => fieldsAt(draft, index).text;

test("typing is one step until another segment is touched", () => {
  let draft = begin(three());
  draft = apply(draft, [{ index: 0, text: "b" }], true);
  draft = apply(draft, [{ index: 0, text: "be" }], true);
  draft = apply(draft, [{ index: 1, text: "i" }], true);
  assert.deepEqual(editsOf(draft), [{ index: 0, text: "be" }, { index: 1, text: "i" }]);
  draft = undo(undo(draft));
  assert.deepEqual(editsOf(draft), [], "back to what is saved is no change");
  assert.equal(undo(draft), draft);
  draft = redo(redo(redo(draft)));
  assert.equal(text(draft, 0), "be");
  draft = apply(undo(draft), [{ index: 2, text: "x" }]);
  assert.equal(redo(draft), draft, "a new step ends what could be redone");
});

test("many changes can be one step", () => {
  let draft = apply(begin(three()), [{ index: 1, speaker: "Ayşe" }, { index: 2, speaker: "Ayşe" }]);
  assert.equal(fieldsAt(draft, 2).speaker, "Ayşe");
  draft = undo(draft);
  assert.equal(fieldsAt(draft, 1).speaker, "A");
  assert.deepEqual(editsOf(draft), []);
});

test("nothing changes by the same text or a segment that is not there", () => {
  const draft = begin(three());
  assert.equal(apply(draft, [{ index: 0, text: "bir" }, { index: 9, text: "x" }]), draft);
});

test("what is typed while it is saved is not lost", () => {
  let draft = apply(begin(three()), [{ index: 0, text: "Bir" }]);
  const sent = editsOf(draft);
  draft = apply(draft, [{ index: 0, text: "Bir." }], true);
  draft = apply(draft, [{ index: 2, text: "Üç" }]);
  draft = afterSaving(draft, sent, [segment(0, "Bir"), ...three().slice(1)]);
  assert.deepEqual(editsOf(draft), [{ index: 0, text: "Bir." }, { index: 2, text: "Üç" }]);
  assert.equal(text(undo(undo(draft)), 0), "bir", "the way back goes beyond the saving");
});

test("when a segment goes, what is behind it moves up", () => {
  let draft = apply(begin(three()), [{ index: 0, text: " " }]);
  const sent = editsOf(draft);
  draft = apply(draft, [{ index: 2, text: "Üç" }]);
  draft = afterSaving(draft, sent, [segment(1, "iki", "A"), segment(2, "üç", "A")]);
  assert.deepEqual(editsOf(draft), [{ index: 1, text: "Üç" }]);
  assert.equal(undo(draft), draft, "steps of before would hit others");
});

test("changes of others and of mine come together; what both changed is asked", () => {
  const draft = apply(begin(three()), [
    { index: 0, text: "Bir" }, { index: 1, text: "İki" }, { index: 2, text: "Üç" },
  ]);
  const theirs = [segment(0, "bir"), segment(1, "iki!", "A"), segment(2, "Üç", "A")];
  const { clean, conflicts } = merge(draft, theirs);
  assert.deepEqual(clean, [{ index: 0, text: "Bir" }]);
  assert.equal(conflicts.length, 1);
  assert.equal(conflicts[0]?.theirs?.text, "iki!");
  assert.equal(conflicts[0]?.mine.text, "İki");
});

test("a segment that went is found by its times, not by its number", () => {
  const draft = apply(begin(three()), [{ index: 1, text: "x" }, { index: 2, text: "Üç" }]);
  const { clean, conflicts } = merge(draft, [segment(0, "bir"), segment(2, "üç", "A")]);
  assert.deepEqual(clean, [{ index: 1, text: "Üç" }]);
  assert.equal(conflicts[0]?.theirs, null);
  assert.equal(conflicts[0]?.index, -1);
});

test("of a segment that somebody moved in time my text stays", () => {
  const draft = apply(begin(three()), [{ index: 0, text: "Bir" }]);
  const theirs = three();
  theirs[0] = { ...theirs[0]!, start: 0.5 };
  const { conflicts } = merge(draft, theirs);
  assert.equal(conflicts[0]?.theirs?.start, 0.5, "it is not taken for one that went");
  assert.equal(conflicts[0]?.index, 0);
});

test("times are a change like others", () => {
  let draft = apply(begin(three()), [{ index: 1, start: 2.5 }]);
  assert.deepEqual(editsOf(draft), [{ index: 1, start: 2.5 }]);
  draft = afterSaving(draft, editsOf(draft), [three()[0]!, { ...three()[1]!, start: 2.5 }, three()[2]!]);
  assert.deepEqual(editsOf(draft), []);
  assert.deepEqual(editsOf(undo(draft)), [{ index: 1, start: 2 }]);
});
