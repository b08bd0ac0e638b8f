import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import type { ApiFailure } from "../../api/client.ts";
import { asFailure } from "../../api/loaded.ts";
import type { Job } from "../../api/types.ts";
import { guardLeaving, place } from "../../app/router.ts";
import { may } from "../../app/session.ts";
import { parseClock } from "../../i18n/format.ts";
import { confirmed } from "../../ui/dialog.tsx";
import { Empty, Failed, Loading } from "../../ui/empty.tsx";
import { ConflictDialog } from "./conflict_dialog.tsx";
import { type Draft, fieldsAt } from "./draft.ts";
import { type Editor, openEditor } from "./editor.ts";
import { FindPanel } from "./find_panel.tsx";
import { find, openFind } from "./find_state.ts";
import { drawnCount, followPlayer, indexNow, reveal } from "./follow.ts";
import { HelpDialog } from "./help_dialog.tsx";
import { HistoryDialog } from "./history_dialog.tsx";
import { isDoubtful, lastBegun, timeOfHash } from "./places.ts";
import { playFrom, seek, skip, stepRate, time, toggle } from "./player.ts";
import { PlayerBar } from "./player_bar.tsx";
import { ReviewDialog } from "./review_dialog.tsx";
import { SegmentRow } from "./segment_row.tsx";
import { type Command, commandOf } from "./shortcuts.ts";
import { SpeakerDialog } from "./speaker_dialog.tsx";
import { Toolbar } from "./toolbar.tsx";
import { editing, isFollowing, resetView } from "./view.ts";
import { t } from "./words.ts";

/** Which dialog is open; a number: to name the speaker of that segment. */
export type Open = "help" | "history" | "review" | number | null;

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
  useEffect(() => followPlayer(() => editor.draft.value?.base ?? []), [editor]);
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
      <Segments editor={editor} canEdit={canEdit} onRename={(index) => { open.value = index; }} />
      {open.value === "help" && <HelpDialog onClose={close} />}
      {open.value === "history" && (
        <HistoryDialog jobId={job.job_id} editor={editor} canEdit={canEdit} onClose={close} />
      )}
      {open.value === "review" && <ReviewDialog jobId={job.job_id} editor={editor} onClose={close} />}
      {typeof open.value === "number" && (
        <SpeakerDialog editor={editor} index={open.value} onClose={close} />
      )}
      {editor.conflict.value && <ConflictDialog editor={editor} />}
    </>
  );
}

interface SegmentsProps {
  editor: Editor;
  canEdit: boolean;
  onRename: (index: number) => void;
}

function Segments({ editor, canEdit, onRename }: SegmentsProps) {
  const base = useComputed(() => editor.draft.value?.base ?? null);
  const turns = useComputed(() => turnsOf(editor.draft.value));
  useEffect(() => {
    drawnCount.value += 1;
  }, [base.value]);
  useEffect(() => {
    // From a link with a time: the text is there now, too.
    if (base.value && time.value > 0) reveal(indexNow(base.value));
  }, [base.value === null]);
  if (!base.value) return <Loading rows={8} />;
  if (base.value.length === 0) return <Empty icon="text" title={t("no_text")} />;
  return (
    <ol class="segments" aria-label={t("text_label")}>
      {base.value.map((segment, index) => (
        <SegmentRow
          key={`${segment.start}-${segment.end}-${index}`}
          editor={editor}
          segment={segment}
          index={index}
          isTurn={turns.value.has(index)}
          canEdit={canEdit}
          onRename={onRename}
        />
      ))}
    </ol>
  );
}

/** Where somebody else begins to speak. */
function turnsOf(draft: Draft | null): Set<number> {
  const turns = new Set<number>();
  let before = "";
  draft?.base.forEach((_, index) => {
    const { speaker } = fieldsAt(draft, index);
    if (speaker !== before) turns.add(index);
    before = speaker;
  });
  return turns;
}

/** What is not saved yet is saved before the page goes, or the person decides. */
function guard(editor: Editor): () => void {
  guardLeaving(() => {
    if (editor.saving.value === "saved") return true;
    return editor.save().then(() =>
      editor.saving.value === "saved" ||
      confirmed({ title: t("leave_title"), text: t("leave_text"), action: t("leave"), isDangerous: true }),
    );
  });
  return () => guardLeaving(null);
}

function run(command: Command, editor: Editor, canEdit: boolean, open: (what: Open) => void): void {
  const base = editor.draft.value?.base ?? [];
  const now = indexNow(base);
  const goTo = (index: number): void => {
    const segment = base[index];
    if (!segment) return;
    seek(segment.start);
    reveal(index, "nearest");
  };
  const commands: Record<Command, () => void> = {
    toggle,
    back: () => skip(-3),
    forward: () => skip(3),
    previous: () => goTo(now - 1),
    next: () => goTo(lastBegun(base, time.value) + 1),
    edit: () => {
      if (canEdit && base.length > 0) editing.value = { index: now, caret: null };
    },
    slower: () => stepRate(-1),
    faster: () => stepRate(1),
    doubt: () => goToDoubt(editor, 1),
    doubtBefore: () => goToDoubt(editor, -1),
    find: openFind,
    undo: editor.undo,
    redo: editor.redo,
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
