/** What stayed, what went and what came, word by word: the longest common part of both texts. */
export interface Run {
  kind: "same" | "gone" | "new";
  text: string;
}

const wordsMax = 1_500;

export function wordRuns(before: string, after: string): Run[] {
  const a = before.split(/\s+/).filter(Boolean);
  const b = after.split(/\s+/).filter(Boolean);
  if (a.length > wordsMax || b.length > wordsMax) {
    return [{ kind: "gone", text: before }, { kind: "new", text: after }];
  }
  // lengths[i][j]: of the longest common part of a from i on and b from j on.
  const width = b.length + 1;
  const lengths = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      lengths[i * width + j] = a[i] === b[j]
        ? lengths[(i + 1) * width + j + 1]! + 1
        : Math.max(lengths[(i + 1) * width + j]!, lengths[i * width + j + 1]!);
    }
  }
  const runs: Run[] = [];
  const add = (kind: Run["kind"], word: string): void => {
    const last = runs.at(-1);
    if (last?.kind === kind) last.text += ` ${word}`;
    else runs.push({ kind, text: word });
  };
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      add("same", a[i]!);
      i += 1;
      j += 1;
    } else if (i < a.length && (j === b.length || lengths[(i + 1) * width + j]! >= lengths[i * width + j + 1]!)) {
      add("gone", a[i]!);
      i += 1;
    } else {
      add("new", b[j]!);
      j += 1;
    }
  }
  return runs;
}
