import type { Autoscale } from "./queue_api.ts";

export interface Range {
  min: number;
  max: number;
}

/** What was set; else what the workers are configured with, each pair once. */
export function boundsOf(scale: Autoscale): Range[] {
  if (scale.bounds) return [{ min: scale.bounds.min, max: scale.bounds.max }];
  const ranges = new Map<string, Range>();
  for (const { min, max } of scale.workers) {
    if (min !== null && max !== null) ranges.set(`${min} ${max}`, { min, max });
  }
  return [...ranges.values()].sort((a, b) => a.max - b.max || a.min - b.min);
}

/** Of all its workers together. */
export function slotsOf(scale: Autoscale): { slots: number; busy: number } {
  const sum = (of: (worker: Autoscale["workers"][number]) => number): number =>
    scale.workers.reduce((all, worker) => all + of(worker), 0);
  return { slots: sum((worker) => worker.slots), busy: sum((worker) => worker.busy) };
}
