import type { Segment, Word } from "../../api/types.ts";

/** Index of the last one that has begun at this time; -1 before the first. */
export function lastBegun(list: readonly { start: number }[], seconds: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle]!.start <= seconds + 1e-4) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** The word that is heard at this time; -1 in a pause. */
export function wordAt(segment: Segment | undefined, seconds: number): number {
  if (!segment) return -1;
  const index = lastBegun(segment.words, seconds);
  const word = segment.words[index];
  return word && seconds <= word.end + 0.15 ? index : -1;
}

/** Where the word that was heard last begins in the text; null when the text is not of these words. */
export function caretAt(segment: Segment, text: string, seconds: number): number | null {
  const index = lastBegun(segment.words, seconds);
  const spoken = segment.words.map((word) => word.text).join("");
  if (index < 0 || spoken.trim() !== text.trim()) return null;
  const before = segment.words.slice(0, index).map((word) => word.text).join("").trimStart();
  const gap = index > 0 && segment.words[index]!.text.startsWith(" ") ? 1 : 0;
  return before.length + gap;
}

/** Below this the engine was guessing; found by looking at which words reviewers change. */
export const doubtBelow = 0.5;
export const isDoubtful = (word: Word): boolean =>
  word.probability < doubtBelow && /[\p{L}\p{N}]/u.test(word.text);

/** "#t=1:02.5" or "#t=62.5". */
export function timeOfHash(hash: string, parse: (text: string) => number | null): number | null {
  const found = /^#t=([\d:.]+)$/.exec(hash);
  return found?.[1] ? parse(found[1]) : null;
}
