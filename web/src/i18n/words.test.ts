import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import test from "node:test";
import { defineWords, fill, type Translate } from "./language.ts";

// Every words.ts of the app: what the compiler cannot see is checked here.
const files = globSync("**/*words.ts", { cwd: new URL("..", import.meta.url) })
  .filter((each) => !each.includes("server_words"));
const placeholders = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort();

test("there are words", () => assert.ok(files.length > 0));

for (const file of files) {
  test(`${file} says the same in both languages`, async () => {
    const module = (await import(`../${file}`)) as Record<string, Translate<string>>;
    const { en, tr } = module.t!.words;
    assert.deepEqual(Object.keys(tr).sort(), Object.keys(en).sort());
    for (const [key, text] of Object.entries(en)) {
      assert.ok(text.trim() && tr[key]!.trim(), `${key} is empty`);
      assert.deepEqual(placeholders(tr[key]!), placeholders(text), `${key} has other values`);
      if (key.endsWith("_one")) assert.ok(en[key.replace(/_one$/, "_other")], `${key} has no _other`);
      assert.doesNotMatch(text, /[çğıöşü]/i, `${key} is not English`);
    }
  });
}

/** Names of words in the code of a folder: written out, or put together from a stem. */
function isUsed(key: string, code: string): boolean {
  const stem = key.replace(/_(one|other)$/, "");
  if (code.includes(`"${key}"`) || code.includes(`"${stem}"`)) return true;
  const begins = [...code.matchAll(/`(\w+)\$\{/g), ...code.matchAll(/\bword\("(\w+)"/g)];
  const ends = [...code.matchAll(/\}(_\w+)`/g)];
  return begins.some(([, begin]) => key.startsWith(begin!)) || ends.some(([, end]) => stem.endsWith(end!));
}

test("every word is used", async () => {
  const root = new URL("..", import.meta.url);
  for (const file of globSync("**/*words.ts", { cwd: root }).filter((each) => !each.includes("server_words"))) {
    const folder = file.replace(/[^/]*$/, "");
    const where = /^(app|jobs)\//.test(file) ? "" : folder; // What is shared is used elsewhere.
    const sources = globSync(`${where}**/*.{ts,tsx}`, { cwd: root }).filter((each) => !/words\.ts$/.test(each));
    const code = sources.map((each) => readFileSync(new URL(each, root), "utf8")).join("\n");
    const module = (await import(`../${file}`)) as Record<string, Translate<string>>;
    const unused = Object.keys(module.t!.words.en).filter((key) => !isUsed(key, code));
    assert.deepEqual(unused, [], file);
  }
});

test("what the server names has a word, or is shown as it is", () => {
  const t = defineWords({ en: { state_done: "Done" }, tr: { state_done: "Bitti" } });
  assert.equal(t.of("state", "done"), "Done");
  assert.equal(t.of("state", "lost"), "lost");
});

test("values are filled in, unknown ones stay to be seen", () => {
  assert.equal(fill("{a} of {b}", { a: 1 }), "1 of {b}");
});
