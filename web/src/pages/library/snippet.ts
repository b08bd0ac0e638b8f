import type { Snippet } from "../../api/types.ts";

export interface SnippetPart {
  text: string;
  isMatch: boolean;
}

/** The words that a search asks for, of which a name may have some: no "-not", no signs. */
function wordsOf(search: string): string[] {
  const words = search.split(/\s+/).filter((word) => !word.startsWith("-"));
  return words.map((word) => word.replace(/[^\p{L}\p{N}]/gu, "")).filter((word) => word.length > 1);
}

/** A name with what was searched for in it; the server finds names, too, but says nothing of where. */
export function partsOfName(name: string, search: string): SnippetPart[] {
  const words = wordsOf(search);
  if (words.length === 0) return [{ text: name, isMatch: false }];
  const wanted = new RegExp(`(?<![\\p{L}\\p{N}])(${words.join("|")})`, "giu");
  const parts = name.split(wanted);
  return parts.map((text, i) => ({ text, isMatch: i % 2 === 1 })).filter((part) => part.text !== "");
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
