import assert from "node:assert/strict";
import { test } from "node:test";
import { boundsOf, slotsOf } from "./autoscale_figures.ts";
import type { Autoscale, ScaledWorker } from "./queue_api.ts";

const worker = (more: Partial<ScaledWorker>): ScaledWorker => ({
  id: "a", name: "a", host: "here", state: "running", min: 2, max: 6, critical_slots: 1, slots: 3, busy: 1, ...more,
});
const scale = (more: Partial<Autoscale>): Autoscale => ({ kind: "engine", bounds: null, workers: [], ...more });

test("bounds are those that were set, whatever the workers still say", () => {
  const bounds = { min: 1, max: 4, changed_by: "op", changed_at: "2026-01-01T00:00:00Z" };
  assert.deepEqual(boundsOf(scale({ bounds, workers: [worker({})] })), [{ min: 1, max: 4 }]);
});

test("without any, each configuration is told once, and an older worker's not at all", () => {
  const workers = [worker({ max: 12 }), worker({}), worker({}), worker({ min: null, max: null })];
  assert.deepEqual(boundsOf(scale({ workers })), [{ min: 2, max: 6 }, { min: 2, max: 12 }]);
  assert.deepEqual(boundsOf(scale({})), []);
});

test("slots are those of all workers", () => {
  assert.deepEqual(slotsOf(scale({ workers: [worker({}), worker({ slots: 5, busy: 4 })] })), { slots: 8, busy: 5 });
});
