import { effect, signal } from "@preact/signals";
import type { Segment } from "../../api/types.ts";
import { lastBegun, wordAt } from "./places.ts";
import { isPlaying, time } from "./player.ts";
import { editing, isFollowing } from "./view.ts";

/**
 * Marks what is heard. It touches two elements at a time and draws nothing anew, so that an hour's
 * transcript costs no more than a minute's.
 */
export const rowId = (index: number): string => `segment-${index}`;
export const rowOf = (index: number): HTMLElement | null => document.getElementById(rowId(index));

export function indexNow(segments: readonly Segment[]): number {
  return Math.max(0, lastBegun(segments, time.value));
}

export function reveal(index: number, where: ScrollLogicalPosition = "center"): void {
  const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  rowOf(index)?.scrollIntoView({ block: where, behavior: isCalm ? "auto" : "smooth" });
}

function isInSight(row: HTMLElement): boolean {
  const { top, bottom } = row.getBoundingClientRect();
  const player = document.querySelector(".player")?.getBoundingClientRect().bottom ?? 0;
  return top >= player && bottom <= innerHeight - 60;
}

/** Counts how often the rows were drawn: what is marked has to be found anew. */
export const drawnCount = signal(0);

export function followPlayer(segments: () => readonly Segment[]): () => void {
  let row: Element | null = null;
  let word: Element | null = null;
  let lastIndex = -1;
  return effect(() => {
    void drawnCount.value;
    const list = segments();
    const index = lastBegun(list, time.value);
    const nextRow = index < 0 ? null : rowOf(index);
    if (nextRow !== row) {
      row?.removeAttribute("data-now");
      nextRow?.setAttribute("data-now", "");
      row = nextRow;
    }
    const place = wordAt(list[index], time.value);
    const nextWord = place < 0 ? null : (nextRow?.querySelectorAll(".w")[place] ?? null);
    if (nextWord !== word) {
      word?.removeAttribute("data-now");
      nextWord?.setAttribute("data-now", "");
      word = nextWord;
    }
    const mayScroll = isPlaying.value && isFollowing.value && editing.peek() === null;
    if (mayScroll && index !== lastIndex && nextRow && !isInSight(nextRow)) reveal(index);
    lastIndex = index;
  });
}
