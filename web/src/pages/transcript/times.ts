import { type Draft, fieldsAt, type SegmentEdit } from "./draft.ts";

export type Edge = "start" | "end";

/** What a segment lasts at least, in seconds: what is shorter nobody can click. */
const lengthMin = 0.05;
const step = 0.001;
const rounded = (seconds: number): number => Math.round(seconds / step) * step;

/**
 * What it takes to have a segment begin or end at a time: it stays inside the recording and in
 * order. A neighbour that is in the way gives room as far as it can; one that spoke at the same time
 * before goes on doing so.
 */
export function moved(draft: Draft, index: number, edge: Edge, to: number, duration: number): SegmentEdit[] {
  const now = fieldsAt(draft, index);
  const before = index > 0 ? fieldsAt(draft, index - 1) : null;
  const after = index + 1 < draft.base.length ? fieldsAt(draft, index + 1) : null;
  const exact = (seconds: number): number => Number(rounded(seconds).toFixed(3));
  if (edge === "start") {
    const gives = before !== null && before.end <= now.start;
    const low = before === null ? 0 : gives ? before.start + lengthMin : before.start;
    const start = exact(Math.min(Math.max(to, low), now.end - lengthMin));
    if (start < low - step || start === now.start) return [];
    const edits: SegmentEdit[] = [{ index, start }];
    if (gives && before.end > start) edits.push({ index: index - 1, end: start });
    return edits;
  }
  const gives = after !== null && now.end <= after.start;
  const high = gives ? after.end - lengthMin : Math.max(duration, now.end);
  const end = exact(Math.max(Math.min(to, high), now.start + lengthMin));
  if (end > high + step || end === now.end) return [];
  const edits: SegmentEdit[] = [{ index, end }];
  if (gives && after.start < end) edits.push({ index: index + 1, start: end });
  return edits;
}

/** 62.5 -> "1:02.500". */
export function exactClock(seconds: number): string {
  const whole = Math.round(seconds * 1000);
  const part = (size: number, of: number): string => String(Math.floor(whole / size) % of).padStart(2, "0");
  const hours = Math.floor(whole / 3_600_000);
  const minutes = hours > 0 ? `${hours}:${part(60_000, 60)}` : String(Math.floor(whole / 60_000));
  return `${minutes}:${part(1000, 60)}.${String(whole % 1000).padStart(3, "0")}`;
}
