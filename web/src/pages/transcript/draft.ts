import type { Segment } from "../../api/types.ts";

/**
 * A transcript while somebody corrects it: the segments as the server has them, what was changed
 * since, and the way back. Values are never changed in place.
 */
export interface Fields {
  text: string;
  speaker: string;
}

/** As PATCH …/segments takes it; an empty text takes the segment away. */
export interface SegmentEdit {
  index: number;
  text?: string;
  speaker?: string;
}

interface StepPart {
  index: number;
  before: Fields;
  after: Fields;
}
/** What one undo takes back. */
type Step = StepPart[];

export interface Draft {
  base: Segment[];
  changed: ReadonlyMap<number, Fields>;
  done: Step[];
  undone: Step[];
}

const stepsMax = 500;

export function begin(base: Segment[]): Draft {
  return { base, changed: new Map(), done: [], undone: [] };
}

/** The same object each time, so that rows of which nothing changed are not drawn anew. */
const known = new WeakMap<Segment, Fields>();
const none: Fields = { text: "", speaker: "" };

export function savedFields(draft: Draft, index: number): Fields {
  const segment = draft.base[index];
  if (!segment) return none;
  let fields = known.get(segment);
  if (!fields) {
    fields = { text: segment.text, speaker: segment.speaker ?? "" };
    known.set(segment, fields);
  }
  return fields;
}

export function fieldsAt(draft: Draft, index: number): Fields {
  return draft.changed.get(index) ?? savedFields(draft, index);
}

export const isChanged = (draft: Draft, index: number): boolean => draft.changed.has(index);

const same = (a: Fields, b: Fields): boolean => a.text === b.text && a.speaker === b.speaker;

function withFields(draft: Draft, list: [index: number, fields: Fields][]): Draft {
  const changed = new Map(draft.changed);
  for (const [index, fields] of list) {
    if (same(fields, savedFields(draft, index))) changed.delete(index);
    else changed.set(index, fields);
  }
  return { ...draft, changed };
}

/** All of it is one step. `grow`: typing goes on in the segment of the last step. */
export function apply(draft: Draft, edits: SegmentEdit[], grow = false): Draft {
  const step: Step = [];
  for (const { index, text, speaker } of edits) {
    const before = fieldsAt(draft, index);
    const after = { text: text ?? before.text, speaker: speaker ?? before.speaker };
    if (index in draft.base && !same(before, after)) step.push({ index, before, after });
  }
  if (step.length === 0) return draft;
  const next = withFields(draft, step.map(({ index, after }) => [index, after]));
  const last = draft.done.at(-1);
  const isSame = grow && last?.length === 1 && step.length === 1 && last[0]?.index === step[0]?.index;
  const done = isSame
    ? [...draft.done.slice(0, -1), [{ ...last[0]!, after: step[0]!.after }]]
    : [...draft.done, step].slice(-stepsMax);
  return { ...next, done, undone: [] };
}

export function undo(draft: Draft): Draft {
  const step = draft.done.at(-1);
  if (!step) return draft;
  const next = withFields(draft, step.map(({ index, before }) => [index, before]));
  return { ...next, done: draft.done.slice(0, -1), undone: [...draft.undone, step] };
}

export function redo(draft: Draft): Draft {
  const step = draft.undone.at(-1);
  if (!step) return draft;
  const next = withFields(draft, step.map(({ index, after }) => [index, after]));
  return { ...next, done: [...draft.done, step], undone: draft.undone.slice(0, -1) };
}

/** What the server has to be told. */
export function editsOf(draft: Draft): SegmentEdit[] {
  return [...draft.changed]
    .sort(([a], [b]) => a - b)
    .map(([index, fields]) => {
      const saved = savedFields(draft, index);
      const edit: SegmentEdit = { index };
      if (fields.text !== saved.text) edit.text = fields.text;
      if (fields.speaker !== saved.speaker) edit.speaker = fields.speaker;
      return edit;
    });
}

/** The objects of before where nothing changed: whoever compares by identity sees that. */
function reusing(before: Segment[], after: Segment[]): Segment[] {
  return after.map((segment, index) => {
    const old = before[index];
    const isSame = old && old.text === segment.text && old.speaker === segment.speaker &&
      old.start === segment.start && old.end === segment.end && old.words.length === segment.words.length;
    return isSame ? old : segment;
  });
}

const isRemoval = (edit: SegmentEdit): boolean => edit.text !== undefined && edit.text.trim() === "";

/**
 * The server took `sent` and gave `base`. What was typed meanwhile stays a change. A segment that
 * went moves those behind it, so that steps of before fit no more.
 */
export function afterSaving(draft: Draft, sent: SegmentEdit[], base: Segment[]): Draft {
  const removed = sent.filter(isRemoval).map((edit) => edit.index);
  const moved = (index: number): number => index - removed.filter((each) => each < index).length;
  const kept = [...draft.changed].filter(([index, fields]) => {
    if (removed.includes(index)) return false;
    const edit = sent.find((each) => each.index === index);
    const saved = savedFields(draft, index);
    const told = { text: edit?.text ?? saved.text, speaker: edit?.speaker ?? saved.speaker };
    return !edit || !same(told, fields);
  });
  const fits = removed.length === 0;
  const next: Draft = {
    base: reusing(draft.base, base), changed: new Map(), done: fits ? draft.done : [], undone: fits ? draft.undone : [],
  };
  return withFields(next, kept.map(([index, fields]) => [moved(index), fields]));
}

export interface Conflict {
  /** In the transcript as it is now; -1: the segment is gone. */
  index: number;
  before: Segment;
  theirs: Segment | null;
  mine: Fields;
}

export interface Merge {
  /** As it is now. */
  base: Segment[];
  /** Changes of mine that nobody else touched. */
  clean: SegmentEdit[];
  conflicts: Conflict[];
}

/** Somebody else was faster: what of mine still fits, and what has to be chosen. */
export function merge(draft: Draft, theirs: Segment[]): Merge {
  const result: Merge = { base: theirs, clean: [], conflicts: [] };
  const places = new Map(theirs.map((segment, index) => [`${segment.start}-${segment.end}`, index]));
  for (const edit of editsOf(draft)) {
    const before = draft.base[edit.index]!;
    const index = places.get(`${before.start}-${before.end}`) ?? -1;
    const now = theirs[index] ?? null;
    const mine = fieldsAt(draft, edit.index);
    const isUntouched = now?.text === before.text && (now.speaker ?? "") === (before.speaker ?? "");
    const isAgreed = now?.text === mine.text && (now.speaker ?? "") === mine.speaker;
    if (isAgreed) continue;
    if (isUntouched) result.clean.push({ ...edit, index });
    else result.conflicts.push({ index, before, theirs: now, mine });
  }
  return result;
}
