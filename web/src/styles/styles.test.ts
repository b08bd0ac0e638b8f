import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import test from "node:test";

const root = new URL("..", import.meta.url);
/** What index.css brings is everywhere; the other sheets come with the first page that wants them, and stay. */
const shared = ["base", "controls", "fonts", "frame", "index", "parts", "tokens"].map((each) => `styles/${each}.css`);

test("no page changes what another one looks like", () => {
  const owners = new Map<string, string>();
  for (const file of globSync("**/*.css", { cwd: root })) {
    const text = readFileSync(new URL(file, root), "utf8");
    const names = new Set([...text.matchAll(/^\s*\.([\w-]+)(?= \{|,$)/gm)].map(([, name]) => name!));
    for (const name of names) {
      const owner = owners.get(name);
      const isSpoken = owner !== undefined && !(shared.includes(owner) && shared.includes(file));
      assert.ok(!isSpoken, `.${name} is in ${owner} and in ${file}: which of them counts depends on the pages seen`);
      owners.set(name, file);
    }
  }
});
