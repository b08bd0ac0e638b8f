import { signal } from "@preact/signals";

/** The open find panel; null: it is closed. */
export interface FindState {
  what: string;
  by: string;
  isCaseSensitive: boolean;
  isWholeWord: boolean;
  /** Which of the places is shown, and where it is. */
  at: number;
  place: { segment: number; begin: number } | null;
}

export const nowhere = { at: -1, place: null };
export const find = signal<FindState | null>(null);

export function openFind(): void {
  find.value ??= { what: "", by: "", isCaseSensitive: false, isWholeWord: false, ...nowhere };
}

export function changeFind(part: Partial<FindState>): void {
  if (find.value) find.value = { ...find.value, ...part };
}
