import assert from "node:assert/strict";
import test from "node:test";
import { wordRuns } from "./word_runs.ts";

test("what stays is kept together, the rest goes before what comes", () => {
  assert.deepEqual(wordRuns("bugün kubernetis ile başladı", "bugün Kubernetes ile başladık"), [
    { kind: "same", text: "bugün" }, { kind: "gone", text: "kubernetis" },
    { kind: "new", text: "Kubernetes" }, { kind: "same", text: "ile" },
    { kind: "gone", text: "başladı" }, { kind: "new", text: "başladık" },
  ]);
});

test("nothing, all new, all gone", () => {
  assert.deepEqual(wordRuns("", ""), []);
  assert.deepEqual(wordRuns("", "a b"), [{ kind: "new", text: "a b" }]);
  assert.deepEqual(wordRuns("a b", ""), [{ kind: "gone", text: "a b" }]);
});

test("putting the runs together again gives both texts", () => {
  const words = "şu bu o bir iki".split(" ");
  for (let seed = 1; seed < 40; seed += 1) {
    const pick = (n: number) => Array.from({ length: n }, (_, i) => words[(seed * 7 + i * i * seed) % 5]);
    const [a, b] = [pick(seed % 9).join(" "), pick((seed * 3) % 11).join(" ")];
    const runs = wordRuns(a, b);
    const text = (...kinds: string[]) => runs.filter((r) => kinds.includes(r.kind)).map((r) => r.text).join(" ");
    assert.equal(text("same", "gone"), a);
    assert.equal(text("same", "new"), b);
  }
});
