import { wordRuns } from "./word_runs.ts";

/** Two texts in one: what went is struck out, what came is underlined. */
export function WordDiff({ before, after }: { before: string; after: string }) {
  return (
    <p class="word-diff">
      {wordRuns(before, after).map((run, i) => {
        if (run.kind === "gone") return <del key={i}>{run.text} </del>;
        if (run.kind === "new") return <ins key={i}>{run.text} </ins>;
        return <span key={i}>{shortened(run.text)} </span>;
      })}
    </p>
  );
}

/** A long part that stayed is told by its ends. */
function shortened(text: string): string {
  const words = text.split(" ");
  return words.length > 40 ? [...words.slice(0, 12), "…", ...words.slice(-12)].join(" ") : text;
}
