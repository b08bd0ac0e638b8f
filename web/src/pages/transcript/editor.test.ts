import assert from "node:assert/strict";
import test from "node:test";
import { isSignedOut } from "../../api/client.ts";
import { openEditor } from "./editor.ts";

const answers: { status: number; body: unknown }[] = [];
const said: string[] = [];

/** A server that answers what the test has put ready. */
globalThis.fetch = async (path, init) => {
  said.push(`${init?.method} ${path}`);
  const { status, body } = answers.shift()!;
  return new Response(JSON.stringify(body), { status, headers: { ETag: '"1"' } });
};

const version = (text: string) => ({
  status: 200,
  body: {
    success: true,
    data: { version: 1, language: "tr", duration: 2, segments: [{ index: 0, start: 0, end: 2, text, speaker: null, words: [] }] },
  },
});

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
