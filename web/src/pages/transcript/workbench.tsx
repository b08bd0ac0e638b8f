import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { ApiFailure } from "../../api/client.ts";
import { asFailure } from "../../api/loaded.ts";
import type { Job, Segment } from "../../api/types.ts";
import { guardLeaving, place } from "../../app/router.ts";
import { may } from "../../app/session.ts";
import { parseClock } from "../../i18n/format.ts";
import { confirmed } from "../../ui/dialog.tsx";
import { Empty, Failed, Loading } from "../../ui/empty.tsx";
import { ConflictDialog } from "./conflict_dialog.tsx";
import { fieldsAt } from "./draft.ts";
import { type Editor, openEditor } from "./editor.ts";
import { FindPanel } from "./find_panel.tsx";
import { find, openFind } from "./find_state.ts";
import { drawnCount, followPlayer, indexNow, reveal } from "./follow.ts";
import { HelpDialog } from "./help_dialog.tsx";
import { HistoryDialog } from "./history_dialog.tsx";
import { caretAt, isDoubtful, lastBegun, timeOfHash } from "./places.ts";
import { playFrom, seek, skip, stepRate, time, toggle } from "./player.ts";
import { PlayerBar } from "./player_bar.tsx";
import { joinHere, moveEdge, redo, splitHere, undo } from "./reshape.ts";
import { ReviewDialog } from "./review_dialog.tsx";
import { SegmentRow } from "./segment_row.tsx";
import { type Command, commandOf } from "./shortcuts.ts";
import { SpeakerDialog } from "./speaker_dialog.tsx";
import { TimesDialog } from "./times_dialog.tsx";
import { Toolbar } from "./toolbar.tsx";
import { editing, isFollowing, naming, resetView, timing } from "./view.ts";
import { t } from "./words.ts";

/** Which dialog is open. */
export type Open = "help" | "history" | "review" | null;

/** Player, tools and text of a finished transcript. */
export function Workbench({ job }: { job: Job }) {
  const editor = useMemo(() => openEditor(job.job_id), [job.job_id]);
  const open = useSignal<Open>(null);
  const failure = useSignal<ApiFailure | null>(null);
  const canEdit = may("jobs:write");

  const load = (): void => {
    failure.value = null;
    editor.load().catch((cause: unknown) => { failure.value = asFailure(cause); });
  };
  useEffect(() => {
    resetView();
    load();
    const start = timeOfHash(place.value.hash, parseClock);
    if (start !== null) seek(start);
    return editor.dispose;
  }, [editor]);
  useEffect(() => followPlayer(() => editor.base.value ?? []), [editor]);
  useEffect(() => guard(editor), [editor]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const command = document.querySelector("dialog[open]") ? null : commandOf(event);
      if (!command) return;
      event.preventDefault();
      run(command, editor, canEdit, (next) => { open.value = next; });
    };
    const stopFollowing = (): void => { isFollowing.value = false; };
    addEventListener("keydown", onKey);
    addEventListener("wheel", stopFollowing, { passive: true });
    addEventListener("touchmove", stopFollowing, { passive: true });
    return () => {
      removeEventListener("keydown", onKey);
      removeEventListener("wheel", stopFollowing);
      removeEventListener("touchmove", stopFollowing);
    };
  }, [editor]);

  if (failure.value) return <Failed failure={failure.value} onRetry={load} />;
  const close = (): void => { open.value = null; };
  return (
    <>
      <PlayerBar jobId={job.job_id} />
      <Toolbar job={job} editor={editor} canEdit={canEdit} onOpen={(next) => { open.value = next; }} />
      {find.value && <FindPanel editor={editor} canEdit={canEdit} />}
      <Segments editor={editor} canEdit={canEdit} />
      {open.value === "help" && <HelpDialog onClose={close} />}
      {open.value === "history" && (
        <HistoryDialog jobId={job.job_id} editor={editor} canEdit={canEdit} onClose={close} />
      )}
      {open.value === "review" && <ReviewDialog jobId={job.job_id} editor={editor} onClose={close} />}
      {naming.value !== null && (
        <SpeakerDialog editor={editor} index={naming.value} onClose={() => { naming.value = null; }} />
      )}
      {timing.value !== null && (
        <TimesDialog editor={editor} index={timing.value} onClose={() => { timing.value = null; }} />
      )}
      {editor.conflict.value && <ConflictDialog editor={editor} />}
    </>
  );
}

interface SegmentsProps {
  editor: Editor;
  canEdit: boolean;
}

function Segments({ editor, canEdit }: SegmentsProps) {
  const base = editor.base.value;
  const rows = useRows(editor, canEdit);
  useEffect(() => {
    drawnCount.value += 1;
  }, [base]);
  useEffect(() => {
    // From a link with a time: the text is there now, too.
    if (base && time.value > 0) reveal(indexNow(base));
  }, [base === null]);
  if (!base) return <Loading rows={8} />;
  if (base.length === 0) return <Empty icon="text" title={t("no_text")} />;
  return <ol class="segments" aria-label={t("text_label")}>{rows}</ol>;
}

/** The rows; what was drawn for a segment is kept as long as it is the same one in its place. */
function useRows(editor: Editor, canEdit: boolean): VNode[] {
  const kept = useRef<{ segment: Segment; row: VNode }[]>([]);
  kept.current = (editor.base.value ?? []).map((segment, index) => {
    const before = kept.current[index];
    if (before?.segment === segment) return before;
    // By its place: when its times move, somebody may be typing in it.
    const row = <SegmentRow key={index} editor={editor} segment={segment} index={index} canEdit={canEdit} />;
    return { segment, row };
  });
  return kept.current.map((each) => each.row);
}

/** What is not saved yet is saved before the page goes, or the person decides. */
function guard(editor: Editor): () => void {
  const isLosing = (): boolean => {
    if (editor.saving.peek() === "saved") return false;
    void editor.save(); // Also when the window closes: while it asks, there is time for it.
    return true;
  };
  guardLeaving({
    isLosing,
    async mayLeave() {
      await editor.save();
      return editor.saving.peek() === "saved" ||
        confirmed({ title: t("leave_title"), text: t("leave_text"), action: t("leave"), isDangerous: true });
    },
  });
  return () => guardLeaving(null);
}

/** Seconds by which a key moves a beginning or an end. */
const nudge = 0.1;

function run(command: Command, editor: Editor, canEdit: boolean, open: (what: Open) => void): void {
  const base = editor.draft.value?.base ?? [];
  const now = indexNow(base);
  const goTo = (index: number): void => {
    const segment = base[index];
    if (!segment) return;
    seek(segment.start);
    reveal(index, "nearest");
  };
  const move = (edge: "start" | "end", where: { to: number } | { by: number }): void => {
    if (canEdit) moveEdge(editor, edge, where);
  };
  const commands: Record<Command, () => void> = {
    toggle,
    back: () => skip(-3),
    forward: () => skip(3),
    previous: () => goTo(now - 1),
    next: () => goTo(lastBegun(base, time.value) + 1),
    edit: () => {
      const segment = base[now];
      if (!canEdit || !segment) return;
      const text = fieldsAt(editor.draft.value!, now).text;
      editing.value = { index: now, caret: caretAt(segment, text, time.value) };
    },
    split: () => { if (canEdit) void splitHere(editor); },
    join: () => { if (canEdit) void joinHere(editor); },
    startHere: () => move("start", { to: time.value }),
    endHere: () => move("end", { to: time.value }),
    startEarlier: () => move("start", { by: -nudge }),
    startLater: () => move("start", { by: nudge }),
    endEarlier: () => move("end", { by: -nudge }),
    endLater: () => move("end", { by: nudge }),
    slower: () => stepRate(-1),
    faster: () => stepRate(1),
    doubt: () => goToDoubt(editor, 1),
    doubtBefore: () => goToDoubt(editor, -1),
    find: openFind,
    undo: () => undo(editor),
    redo: () => redo(editor),
    save: () => void editor.save(),
    help: () => open("help"),
  };
  commands[command]();
}

/** The next word that the engine was not sure of, from where the sound is. */
export function goToDoubt(editor: Editor, direction: 1 | -1): void {
  const base = editor.draft.value?.base ?? [];
  const words = base.flatMap((segment, index) =>
    segment.words.filter(isDoubtful).map((word) => ({ start: word.start, index })));
  const found = direction === 1
    ? words.find((each) => each.start > time.value + 0.05)
    : words.findLast((each) => each.start < time.value - 0.6);
  const target = found ?? (direction === 1 ? words[0] : words.at(-1));
  if (!target) return;
  playFrom(target.start);
  reveal(target.index);
}
