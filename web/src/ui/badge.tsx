import type { ComponentChildren } from "preact";

/** A word about a state. Its colour helps, the word says it. */
export type Tone = "neutral" | "busy" | "good" | "bad" | "warn";

export function Badge({ tone = "neutral", children }: { tone?: Tone; children: ComponentChildren }) {
  return <span class={`badge badge-${tone}`}>{children}</span>;
}

/** How far something is, 0 to 1. */
export function Progress({ value, label }: { value: number; label: string }) {
  return <progress class="progress" max={1} value={value} aria-label={label} />;
}
