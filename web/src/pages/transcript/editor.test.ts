import assert from "node:assert/strict";
import test from "node:test";
import { isSignedOut } from "../../api/client.ts";
import { openEditor } from "./editor.ts";

const answers: { status: number; body: unknown }[] = [];
const said: string[] = [];
const bodies: unknown[] = [];

/** A server that answers what the test has put ready. */
globalThis.fetch = async (path, init) => {
  said.push(`${init?.method} ${path}`);
  bodies.push(init?.body ? JSON.parse(init.body as string) : null);
  const { status, body } = answers.shift()!;
  return new Response(JSON.stringify(body), { status, headers: { ETag: '"1"' } });
};

const versionOf = (version: number, ...texts: string[]) => ({
  status: 200,
  body: {
    success: true,
    data: {
      version, language: "tr", duration: 2,
      segments: texts.map((text, index) => ({ index, start: index, end: index + 1, text, speaker: null, words: [] })),
    },
  },
});
const version = (text: string) => versionOf(1, text);

test("what was typed before the session ended is saved in the next one", async () => {
  const editor = openEditor("job_1");
  answers.push(version("bir"), { status: 401, body: { success: false, error: { code: "UNAUTHENTICATED", message: "" } } });
  await editor.load();
  editor.change([{ index: 0, text: "Bir" }]);
  await editor.save();
  assert.equal(editor.saving.value, "failed");
  assert.equal(isSignedOut.value, true);
  await editor.save();
  assert.equal(said.length, 2, "nothing is asked while nobody is signed in");

  answers.push(version("Bir"));
  isSignedOut.value = false;
  await editor.save();
  assert.equal(editor.saving.value, "saved");
  assert.deepEqual(said.slice(2), ["PATCH /api/v1/jobs/job_1/segments"]);
  editor.dispose();
});

test("a split saves what was typed, counts bytes, and is undone with what was typed before it", async () => {
  said.length = bodies.length = 0;
  const editor = openEditor("job_2");
  const texts = () => editor.texts.value.join("|");
  answers.push(versionOf(1, "şura bura"));
  await editor.load();
  editor.change([{ index: 0, text: "Şura bura" }]);
  answers.push(versionOf(2, "Şura bura"), versionOf(3, "Şura", "bura"));
  assert.equal(await editor.split(0, " Şura "), true);
  assert.deepEqual(said.slice(1), ["PATCH /api/v1/jobs/job_2/segments", "POST /api/v1/jobs/job_2/segments/split"]);
  assert.deepEqual(bodies[2], { index: 0, at: 6 }, "blanks before the text are not saved; ş has two bytes");
  assert.equal(texts(), "Şura|bura");

  editor.change([{ index: 1, text: "orası" }]);
  await editor.undo();
  assert.equal(texts(), "Şura|bura");
  answers.push(versionOf(4, "Şura bura"));
  await editor.undo();
  assert.deepEqual([said.at(-1), bodies.at(-1)], ["POST /api/v1/jobs/job_2/restore", { version: 2 }]);
  assert.equal(texts(), "Şura bura");
  await editor.undo();
  assert.equal(texts(), "şura bura", "the step before it stands on the same segments");
  await editor.redo();
  answers.push(versionOf(5, "Şura", "bura"));
  await editor.redo();
  assert.deepEqual(bodies.at(-1), { version: 3 });
  await editor.redo();
  assert.equal(texts(), "Şura|orası");
  editor.dispose();
});

test("a split that somebody else came before is told, and shows what they did", async () => {
  said.length = 0;
  const editor = openEditor("job_3");
  answers.push(versionOf(1, "bir iki"));
  await editor.load();
  answers.push(
    { status: 412, body: { success: false, error: { code: "PRECONDITION_FAILED", message: "" } } },
    versionOf(2, "Bir iki."),
  );
  await assert.rejects(editor.split(0, "bir"), { status: 412 });
  assert.equal(editor.texts.value[0], "Bir iki.");
  assert.equal(editor.isReshaping.value, false);
  assert.equal(editor.draft.value?.done.length, 0);
  editor.dispose();
});
