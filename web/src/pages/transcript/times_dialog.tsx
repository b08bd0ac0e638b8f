import { useSignal } from "@preact/signals";
import { clock, parseClock } from "../../i18n/format.ts";
import { t as jobs } from "../../jobs/words.ts";
import { Button } from "../../ui/button.tsx";
import { Field } from "../../ui/field.tsx";
import { FormDialog } from "../../ui/form_dialog.tsx";
import { fieldsAt } from "./draft.ts";
import type { Editor } from "./editor.ts";
import { duration, time } from "./player.ts";
import { type Edge, exactClock, moved } from "./times.ts";
import { t } from "./words.ts";

interface TimesProps {
  editor: Editor;
  index: number;
  onClose: () => void;
}

/** When a segment begins and ends, to the millisecond. */
export function TimesDialog({ editor, index, onClose }: TimesProps) {
  const now = fieldsAt(editor.draft.value!, index);
  const typed = { start: useSignal(exactClock(now.start)), end: useSignal(exactClock(now.end)) };
  const save = (): void => {
    const start = parseClock(typed.start.value);
    const end = parseClock(typed.end.value);
    if (start === null || end === null) throw new Error(t("times_unreadable"));
    if (start >= end) throw new Error(t("times_order"));
    change(start, end);
    onClose();
  };
  /** The end that makes room goes first, so that the other has it. */
  const change = (start: number, end: number): void => {
    const edges: [Edge, number][] = start >= now.end ? [["end", end], ["start", start]] : [["start", start], ["end", end]];
    for (const [edge, to] of edges) {
      const edits = moved(editor.draft.value!, index, edge, to, duration.value);
      if (edits.length > 0) editor.change(edits);
    }
  };
  const fieldOf = (edge: Edge) => (
    <Field label={t(edge === "start" ? "times_start" : "times_end")} {...(edge === "end" && { hint: t("times_hint") })}>
      {(id, note) => (
        <div class="row">
          <input
            id={id}
            class="number"
            aria-describedby={note}
            autofocus={edge === "start"}
            value={typed[edge].value}
            onInput={(event) => { typed[edge].value = event.currentTarget.value; }}
          />
          <Button onClick={() => { typed[edge].value = exactClock(time.value); }}>
            {t("times_here", { time: clock(time.value, true) })}
          </Button>
        </div>
      )}
    </Field>
  );
  return (
    <FormDialog title={t("times_title")} action={jobs("save")} onClose={onClose} onSubmit={save}>
      {fieldOf("start")}
      {fieldOf("end")}
    </FormDialog>
  );
}
