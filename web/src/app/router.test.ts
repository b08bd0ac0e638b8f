import assert from "node:assert/strict";
import test from "node:test";

// The router reads the address when it is loaded.
Object.assign(globalThis, {
  location: { pathname: "/", search: "", hash: "" },
  history: { state: null },
});
const { guardLeaving, matchPath, mayLeave } = await import("./router.ts");

test("a path gives the values of its variables", () => {
  assert.deepEqual(matchPath("/", "/"), {});
  assert.deepEqual(matchPath("/library", "/library/"), {});
  assert.deepEqual(matchPath("/transcripts/{id}", "/transcripts/a%20b"), { id: "a b" });
  assert.equal(matchPath("/transcripts/{id}", "/transcripts/"), null);
  assert.equal(matchPath("/transcripts/{id}", "/transcripts/a/b"), null);
  assert.equal(matchPath("/library", "/library2"), null);
  assert.deepEqual(matchPath("/transcripts/{id}", "/transcripts/%E0%A4"), { id: "%E0%A4" });
});

test("a page is asked only when something would be lost", async () => {
  let isLosing = false;
  let answer = false;
  const asked: string[] = [];
  guardLeaving({ isLosing: () => isLosing, mayLeave: async () => { asked.push("?"); return answer; } });
  isLosing = true;
  assert.equal(await mayLeave(), false);
  answer = true;
  assert.equal(await mayLeave(), true);
  assert.equal(await mayLeave(), true, "it is gone, and its guard with it");
  assert.equal(asked.length, 2);
});
