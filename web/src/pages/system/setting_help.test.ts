import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { language } from "../../i18n/language.ts";
import { helpText, told } from "./setting_help.ts";

/** The column of helps in the tables of settings: | `key` | default | environment | flag | help | allowed | */
const documented = readFileSync(new URL("../../../../docs/configuration.md", import.meta.url), "utf8")
  .split("\n")
  .map((line) => line.split(" | "))
  .filter((cells) => cells.length === 6 && /^\| `[a-z]+\.[a-z_]+`$/.test(cells[0]!))
  .map((cells) => cells[4]!);

test("each setting has its help in Turkish, and no help is of before", () => {
  assert.ok(documented.length > 100, `${documented.length} settings were found`);
  const english = told.map(([each]) => each);
  assert.deepEqual([...english].sort(), [...new Set(documented)].sort());
});

test("what a command or a value is called is the same in both", () => {
  for (const [english, turkish] of told) {
    const numbers = (text: string): string[] => (text.match(/\d+/g) ?? []).sort();
    assert.deepEqual(numbers(turkish), numbers(english), english);
    assert.equal(turkish.endsWith("."), false, turkish);
  }
});

test("it is in the language of the app", () => {
  const [english, turkish] = told[0]!;
  language.value = "tr";
  assert.equal(helpText(english), turkish);
  assert.equal(helpText("something new"), "something new");
  language.value = "en";
  assert.equal(helpText(english), english);
});
