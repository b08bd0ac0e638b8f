/** Why a worker ended, as the server writes it, taken apart: a key of the words and what is in it. */
export interface EndReason {
  key: string;
  values: Record<string, string>;
  /** Milliseconds without a sign of life. */
  silence_ms?: number;
}

const known = new Set(["stopped", "task limit", "memory limit", "lease lost", "failed"]);

/** Null for what a newer server may say: it is shown as it is. */
export function endReasonOf(text: string): EndReason | null {
  if (known.has(text)) return { key: `end_${text.replace(" ", "_")}`, values: {} };
  const silence = /^no sign of life for (\d+) ms$/.exec(text);
  if (silence) return { key: "end_silent", values: {}, silence_ms: Number(silence[1]) };
  const exit = /^exit (\d+)$/.exec(text);
  if (exit) return { key: exit[1] === "0" ? "end_exit_0" : "end_exit", values: { code: exit[1] ?? "" } };
  const signal = /^signal (\d+) \((.*)\)$/.exec(text);
  if (!signal) return null;
  return {
    key: signal[1] === "9" ? "end_killed" : "end_signal",
    values: { number: signal[1] ?? "", name: signal[2] ?? "" },
  };
}
