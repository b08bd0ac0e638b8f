import assert from "node:assert/strict";
import test from "node:test";
import { fingerprint, type Send, type Sent, upload, UploadRefused } from "./tus.ts";

/** A server that keeps what comes, and a line that breaks when it is told to. */
class Wire {
  bytes = "";
  said: string[] = [];
  /** Statuses to answer with instead, in turn; 0: the line broke after half of the body. */
  troubles: (number | null)[] = [];

  send: Send = async ({ method, url, headers, body, onProgress }) => {
    this.said.push(method);
    const trouble = this.troubles.shift() ?? null;
    const text = body ? await body.text() : "";
    if (trouble === 0) this.bytes += text.slice(0, text.length / 2);
    if (trouble !== null) return answer(trouble);
    if (method === "POST") return answer(201, { Location: "http://elsewhere/api/v1/uploads/u1" });
    assert.equal(url, "/api/v1/uploads/u1");
    if (method === "HEAD") return answer(200, { "Upload-Offset": String(this.bytes.length) });
    if (Number(headers["Upload-Offset"]) !== this.bytes.length) return answer(409);
    onProgress?.(text.length);
    this.bytes += text;
    return answer(204, { "Upload-Offset": String(this.bytes.length) });
  };
}

function answer(status: number, headers: Record<string, string> = {}): Sent {
  return { status, header: (name) => headers[name] ?? null, text: "" };
}

function memory(entries: Record<string, string> = {}) {
  const map = new Map(Object.entries(entries));
  return {
    map,
    getItem: (key: string) => map.get(key) ?? null,
    setItem: (key: string, value: string) => void map.set(key, value),
    removeItem: (key: string) => void map.delete(key),
  };
}

const file = new File(["hello scribe"], "söz.txt", { lastModified: 7 });
const wait = async () => {};

test("a file goes up and its id comes back", async () => {
  const wire = new Wire();
  const kept = memory();
  const shares: number[] = [];
  const id = await upload(file, { send: wire.send, memory: kept, wait, onProgress: (s) => shares.push(s) });
  assert.equal(id, "u1");
  assert.equal(wire.bytes, "hello scribe");
  assert.deepEqual(wire.said, ["POST", "PATCH"]);
  assert.deepEqual(shares, [1]);
  assert.equal(kept.map.size, 0, "nothing is left to resume");
});

test("it goes on where the line broke, without sending anything twice", async () => {
  const wire = new Wire();
  wire.troubles = [503, null, 0, 0, null];
  const waits: number[] = [];
  await upload(file, { send: wire.send, memory: memory(), wait, onWaiting: (ms) => waits.push(ms) });
  assert.equal(wire.bytes, "hello scribe");
  assert.deepEqual(wire.said, ["POST", "POST", "PATCH", "HEAD", "HEAD", "PATCH"]);
  assert.deepEqual(waits, [500, 500, 1_000]);
});

test("after a reload the same file continues", async () => {
  const wire = new Wire();
  wire.bytes = "hello";
  const kept = memory({ [fingerprint(file)]: "/api/v1/uploads/u1" });
  await upload(file, { send: wire.send, memory: kept, wait });
  assert.deepEqual(wire.said, ["HEAD", "PATCH"]);
  assert.equal(wire.bytes, "hello scribe");
});

test("an upload that the server forgot begins anew", async () => {
  const wire = new Wire();
  wire.troubles = [404];
  const kept = memory({ [fingerprint(file)]: "/api/v1/uploads/old" });
  await upload(file, { send: wire.send, memory: kept, wait });
  assert.deepEqual(wire.said, ["HEAD", "POST", "PATCH"]);
});

test("a refusal is final", async () => {
  const wire = new Wire();
  wire.troubles = [413];
  await assert.rejects(upload(file, { send: wire.send, memory: memory(), wait }), (error) => {
    assert.ok(error instanceof UploadRefused);
    assert.equal(error.status, 413);
    return true;
  });
  assert.deepEqual(wire.said, ["POST"]);
});

test("after signing in again it goes on where it stopped", async () => {
  const wire = new Wire();
  wire.troubles = [null, 401];
  const kept = memory();
  await assert.rejects(upload(file, { send: wire.send, memory: kept, wait }), UploadRefused);
  await upload(file, { send: wire.send, memory: kept, wait });
  assert.deepEqual(wire.said, ["POST", "PATCH", "HEAD", "PATCH"]);
});

test("an empty file has nothing to send", async () => {
  const wire = new Wire();
  await upload(new File([], "empty"), { send: wire.send, memory: memory(), wait });
  assert.deepEqual(wire.said, ["POST"]);
});

test("stopping stops", async () => {
  const stop = new AbortController();
  stop.abort();
  await assert.rejects(
    upload(file, { send: new Wire().send, memory: memory(), wait, signal: stop.signal }),
    { name: "AbortError" },
  );
});
