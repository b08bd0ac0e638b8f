import assert from "node:assert/strict";
import test from "node:test";
import { isTold, moved, whenMoved } from "./changes.ts";

class Stream {
  static all: Stream[] = [];
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  isClosed = false;
  listeners = new Map<string, (event: { data: string }) => void>();
  url: string;
  constructor(url: string) {
    this.url = url;
    Stream.all.push(this);
  }
  addEventListener(name: string, handle: (event: { data: string }) => void): void {
    this.listeners.set(name, handle);
  }
  close(): void {
    this.isClosed = true;
  }
  tell(name: string): void {
    this.listeners.get(name)?.({ data: "{}" });
  }
}
let onVisibility = (): void => {};
Object.assign(globalThis, {
  EventSource: Stream,
  document: {
    visibilityState: "visible",
    addEventListener: (_: string, handle: () => void) => { onVisibility = handle; },
    removeEventListener: () => { onVisibility = () => {}; },
  },
});

test("pages are told by one stream, at most once a second, and by the clock when it breaks", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
  let jobs = 0;
  let queue = 0;
  const stopJobs = whenMoved("jobs", 2_000, () => { jobs += 1; });
  const stopQueue = whenMoved("queue", 2_000, () => { queue += 1; });
  assert.equal(Stream.all.length, 1, "one for both");
  const stream = Stream.all[0]!;
  assert.equal(stream.url, "/api/v1/changes");
  t.mock.timers.tick(2_000);
  assert.deepEqual([jobs, queue], [1, 1], "by the clock before it is open");
  stream.onopen?.();
  t.mock.timers.tick(1_000);
  assert.deepEqual([jobs, queue], [2, 2], "what moved before it was open may be new");
  t.mock.timers.tick(14_000);
  assert.deepEqual([jobs, queue], [2, 2], "nothing moves, nothing is asked");
  for (let i = 0; i < 5; i += 1) stream.tell("jobs");
  t.mock.timers.tick(0);
  assert.deepEqual([jobs, queue], [3, 2], "at once");
  stream.tell("jobs");
  t.mock.timers.tick(999);
  assert.equal(jobs, 3);
  t.mock.timers.tick(1);
  assert.equal(jobs, 4, "a second later");

  stream.onerror?.();
  assert.equal(isTold.value, false);
  t.mock.timers.tick(4_000);
  assert.ok(jobs >= 6 && queue >= 4, "by the clock again");
  assert.equal(Stream.all.length >= 2, true, "and it tries to come back");

  Object.assign(document, { visibilityState: "hidden" });
  onVisibility();
  assert.ok(Stream.all.every((each) => each.isClosed), "nobody sees it");
  const before = jobs;
  t.mock.timers.tick(60_000);
  assert.equal(jobs, before);
  Object.assign(document, { visibilityState: "visible" });
  onVisibility();
  assert.equal(Stream.all.at(-1)?.isClosed, false);
  stopJobs();
  stopQueue();
  assert.equal(Stream.all.at(-1)?.isClosed, true);
  assert.ok(moved.jobs.value > 0);
});
