import type { Segment } from "../../api/types.ts";

/**
 * A transcript while somebody corrects it: the segments as the server has them, what was changed
 * since, and the way back. Values are never changed in place.
 */
export interface Fields {
  text: string;
  speaker: string;
  /** Seconds. */
  start: number;
  end: number;
}

/** As PATCH …/segments takes it; an empty text takes the segment away. */
export interface SegmentEdit {
  index: number;
  text?: string;
  speaker?: string;
  start?: number;
  end?: number;
}

interface StepPart {
  index: number;
  before: Fields;
  after: Fields;
}
/** A segment became two, or two became one: the server knows how it was, by its versions. */
export interface Reshape {
  before: number;
  after: number;
}
/** What one undo takes back. */
export type Step = StepPart[] | Reshape;
export const isReshape = (step: Step | undefined): step is Reshape =>
  step !== undefined && !Array.isArray(step);

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
const none: Fields = { text: "", speaker: "", start: 0, end: 0 };

function fieldsOf(segment: Segment): Fields {
  let fields = known.get(segment);
  if (!fields) {
    const { text, start, end } = segment;
    fields = { text, speaker: segment.speaker ?? "", start, end };
    known.set(segment, fields);
  }
  return fields;
}

export function savedFields(draft: Draft, index: number): Fields {
  const segment = draft.base[index];
  return segment ? fieldsOf(segment) : none;
}

export function fieldsAt(draft: Draft, index: number): Fields {
  return draft.changed.get(index) ?? savedFields(draft, index);
}

export const isChanged = (draft: Draft, index: number): boolean => draft.changed.has(index);

const same = (a: Fields, b: Fields): boolean =>
  a.text === b.text && a.speaker === b.speaker && a.start === b.start && a.end === b.end;

/** What it is after an edit. */
function edited(before: Fields, { text, speaker, start, end }: SegmentEdit): Fields {
  return {
    text: text ?? before.text, speaker: speaker ?? before.speaker,
    start: start ?? before.start, end: end ?? before.end,
  };
}

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
  const step: StepPart[] = [];
  for (const edit of edits) {
    const { index } = edit;
    const before = fieldsAt(draft, index);
    const after = edited(before, edit);
    if (index in draft.base && !same(before, after)) step.push({ index, before, after });
  }
  if (step.length === 0) return draft;
  const next = withFields(draft, step.map(({ index, after }) => [index, after]));
  const last = draft.done.at(-1);
  const isSame = grow && Array.isArray(last) && last.length === 1 && step.length === 1 &&
    last[0]?.index === step[0]?.index;
  const done = isSame
    ? [...draft.done.slice(0, -1), [{ ...last[0]!, after: step[0]!.after }]]
    : [...draft.done, step].slice(-stepsMax);
  return { ...next, done, undone: [] };
}

export function undo(draft: Draft): Draft {
  const step = draft.done.at(-1);
  if (!Array.isArray(step)) return draft;
  const next = withFields(draft, step.map(({ index, before }) => [index, before]));
  return { ...next, done: draft.done.slice(0, -1), undone: [...draft.undone, step] };
}

export function redo(draft: Draft): Draft {
  const step = draft.undone.at(-1);
  if (!Array.isArray(step)) return draft;
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
      if (fields.start !== saved.start) edit.start = fields.start;
      if (fields.end !== saved.end) edit.end = fields.end;
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
    return !edit || !same(edited(savedFields(draft, index), edit), fields);
  });
  const fits = removed.length === 0;
  const next: Draft = {
    base: reusing(draft.base, base), changed: new Map(), done: fits ? draft.done : [], undone: fits ? draft.undone : [],
  };
  return withFields(next, kept.map(([index, fields]) => [moved(index), fields]));
}

/** The segments became others; what is done after that stands on them. */
export function reshaped(draft: Draft, base: Segment[], step: Reshape): Draft {
  const next = { base: reusing(draft.base, base), changed: new Map<number, Fields>(), undone: [] };
  return { ...next, done: [...draft.done, step].slice(-stepsMax) };
}

/** They are as they were before the last step, or after the one that is done again. */
export function shapedBack(draft: Draft, base: Segment[], direction: "undo" | "redo"): Draft {
  const [from, to] = direction === "undo" ? [draft.done, draft.undone] : [draft.undone, draft.done];
  const left = from.slice(0, -1);
  const taken = [...to, ...from.slice(-1)];
  const next = { base: reusing(draft.base, base), changed: new Map<number, Fields>() };
  return direction === "undo"
    ? { ...next, done: left, undone: taken }
    : { ...next, done: taken, undone: left };
}

/** How many of those before it go with the next saving. */
export function removedBefore(draft: Draft, index: number): number {
  return editsOf(draft).filter((edit) => edit.index < index && isRemoval(edit)).length;
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

/** Of a segment of which somebody moved one end; -1: there is none. */
function movedPlace(theirs: Segment[], { text, start, end }: Segment): number {
  return theirs.findIndex((each) => each.text === text && (each.start === start || each.end === end));
}

/** Somebody else was faster: what of mine still fits, and what has to be chosen. */
export function merge(draft: Draft, theirs: Segment[]): Merge {
  const result: Merge = { base: theirs, clean: [], conflicts: [] };
  const places = new Map(theirs.map((segment, index) => [`${segment.start}-${segment.end}`, index]));
  for (const edit of editsOf(draft)) {
    const before = draft.base[edit.index]!;
    const index = places.get(`${before.start}-${before.end}`) ?? movedPlace(theirs, before);
    const now = theirs[index] ?? null;
    const mine = fieldsAt(draft, edit.index);
    const isUntouched = now !== null && same(fieldsOf(now), fieldsOf(before));
    const isAgreed = now !== null && same(fieldsOf(now), mine);
    if (isAgreed) continue;
    if (isUntouched) result.clean.push({ ...edit, index });
    else result.conflicts.push({ index, before, theirs: now, mine });
  }
  return result;
}
