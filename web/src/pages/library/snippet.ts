import type { Snippet } from "../../api/types.ts";

export interface SnippetPart {
  text: string;
  isMatch: boolean;
}

/** The text in turn as it is and as it was searched for. Ranges that are none are passed over. */
export function partsOf(snippet: Snippet): SnippetPart[] {
  const bytes = new TextEncoder().encode(snippet.text);
  const decoder = new TextDecoder();
  const parts: SnippetPart[] = [];
  let at = 0;
  const add = (end: number, isMatch: boolean): void => {
    if (end > at) parts.push({ text: decoder.decode(bytes.subarray(at, end)), isMatch });
    at = Math.max(at, end);
  };
  for (const { begin, end } of snippet.matches) {
    if (begin < at || end > bytes.length) continue;
    add(begin, false);
    add(end, true);
  }
  add(bytes.length, false);
  return parts;
}
