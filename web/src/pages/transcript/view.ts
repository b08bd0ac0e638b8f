import { signal } from "@preact/signals";
import { find } from "./find_state.ts";
import { time } from "./player.ts";

/** What of the transcript is looked at; of one page, which resets it. */
export interface Editing {
  index: number;
  /** Where the caret goes; null: to the end. */
  caret: number | null;
}
export const editing = signal<Editing | null>(null);
/** Index of the segment whose speaker gets a name. */
export const naming = signal<number | null>(null);
/** Index of the segment whose times are typed. */
export const timing = signal<number | null>(null);
export const isFollowing = signal(true);
export const showsDoubts = signal(true);

export function resetView(): void {
  editing.value = null;
  naming.value = null;
  timing.value = null;
  isFollowing.value = true;
  find.value = null;
  time.value = 0;
}
