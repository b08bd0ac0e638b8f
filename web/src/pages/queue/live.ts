import { signal } from "@preact/signals";

/** Whether the page follows what happens, for as long as it is open: an operator may hold it. */
export const isHeld = signal(false);

/** How often what is seen is asked for again; 0 while the display is held. */
export const everyMs = (ms: number): number => (isHeld.value ? 0 : ms);
