import assert from "node:assert/strict";
import test from "node:test";
import { ago, bytes, clock, duration, parseClock, percent } from "./format.ts";
import { language } from "./language.ts";

test("clock shows hours only when there are any", () => {
  assert.equal(clock(0), "0:00");
  assert.equal(clock(61.96), "1:01");
  assert.equal(clock(61.96, true), "1:01.9");
  assert.equal(clock(3723), "1:02:03");
  assert.equal(clock(-1), "0:00");
});

test("parseClock reads what clock writes", () => {
  for (const seconds of [0, 9, 75, 3599, 3600, 36_061]) {
    assert.equal(parseClock(clock(seconds)), seconds);
  }
  assert.equal(parseClock("1:01.5"), 61.5);
  assert.equal(parseClock("soon"), null);
  assert.equal(parseClock(""), null);
});

test("sizes, durations and shares follow the language", () => {
  language.value = "en";
  assert.equal(bytes(0), "0 byte");
  assert.equal(bytes(1_234_567), "1.2 MB");
  assert.equal(percent(0.934), "93%");
  assert.equal(duration(3900), "1 hr 5 mins");
  assert.equal(duration(50 * 3600), "2 days 2 hrs");
  language.value = "tr";
  assert.equal(bytes(1_234_567), "1,2 MB");
  assert.equal(percent(0.934), "%93");
  language.value = "en";
});

test("ago is relative within a week", () => {
  const now = Date.parse("2026-03-01T12:00:00Z");
  assert.equal(ago("2026-03-01T11:55:00Z", now), "5 minutes ago");
  assert.equal(ago("2026-02-28T12:00:00Z", now), "yesterday");
  assert.match(ago("2026-01-01T12:00:00Z", now), /2026/);
});
