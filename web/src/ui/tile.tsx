import type { ComponentChildren } from "preact";
import type { Tone } from "./badge.tsx";

interface TileProps {
  label: string;
  value: ComponentChildren;
  note?: ComponentChildren;
  tone?: Tone;
  href?: string;
}

/** One figure that matters, with what it is; with `href` it leads to what is behind it. */
export function Tile({ label, value, note, tone = "neutral", href }: TileProps) {
  const inside = (
    <>
      <span class="tile-label">{label}</span>
      <span class="tile-value">{value}</span>
      {note && <span class="tile-note">{note}</span>}
    </>
  );
  const kind = `tile tile-${tone}`;
  return href ? <a class={kind} href={href}>{inside}</a> : <div class={kind}>{inside}</div>;
}

export function Tiles({ children }: { children: ComponentChildren }) {
  return <div class="tiles">{children}</div>;
}
