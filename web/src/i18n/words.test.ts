import assert from "node:assert/strict";
import { globSync } from "node:fs";
import test from "node:test";
import { fill, type Translate } from "./language.ts";

// Every words.ts of the app: what the compiler cannot see is checked here.
const files = globSync("**/words.ts", { cwd: new URL("..", import.meta.url) });
const placeholders = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort();

test("there are words", () => assert.ok(files.length > 0));

for (const file of files) {
  test(`${file} says the same in both languages`, async () => {
    const module = (await import(`../${file}`)) as Record<string, Translate<string>>;
    const { en, tr } = Object.values(module)[0]!.words;
    assert.deepEqual(Object.keys(tr).sort(), Object.keys(en).sort());
    for (const [key, text] of Object.entries(en)) {
      assert.ok(text.trim() && tr[key]!.trim(), `${key} is empty`);
      assert.deepEqual(placeholders(tr[key]!), placeholders(text), `${key} has other values`);
      if (key.endsWith("_one")) assert.ok(en[key.replace(/_one$/, "_other")], `${key} has no _other`);
      assert.doesNotMatch(text, /[çğıöşü]/i, `${key} is not English`);
    }
  });
}

test("values are filled in, unknown ones stay to be seen", () => {
  assert.equal(fill("{a} of {b}", { a: 1 }), "1 of {b}");
});
