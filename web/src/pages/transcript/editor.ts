import { computed, effect, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { type Answer, ApiFailure, ask, isSignedOut } from "../../api/client.ts";
import { asFailure } from "../../api/loaded.ts";
import type { Segment } from "../../api/types.ts";
import {
  afterSaving, apply, begin, type Conflict, type Draft, editsOf, fieldsAt, isReshape, merge, type Merge, redo,
  removedBefore, reshaped, type SegmentEdit, shapedBack, undo,
} from "./draft.ts";

/** A transcript that is open for work, and its saving. */
export type Saving = "saved" | "unsaved" | "saving" | "failed";

interface Version {
  version: number;
  language: string;
  duration: number;
  segments: Segment[];
}

export interface Editor {
  readonly draft: Signal<Draft | null>;
  readonly version: Signal<number>;
  readonly language: Signal<string>;
  readonly saving: Signal<Saving>;
  readonly failure: Signal<ApiFailure | null>;
  /** Somebody else changed what was changed here: the page asks whose it shall be. */
  readonly conflict: Signal<Merge | null>;
  /** As saved; it stays the same while somebody types. */
  readonly base: ReadonlySignal<Segment[] | null>;
  readonly texts: ReadonlySignal<string[]>;
  load(): Promise<void>;
  change(edits: SegmentEdit[], grow?: boolean): void;
  /** Segments are becoming others: nothing is typed until they are. */
  readonly isReshaping: ReadonlySignal<boolean>;
  /** These four fail with an ApiFailure; false: what was typed before could not be saved. */
  undo(): Promise<boolean>;
  redo(): Promise<boolean>;
  /** `before`: the part of its text that stays in the first segment. */
  split(index: number, before: string): Promise<boolean>;
  /** With the next one. */
  join(index: number): Promise<boolean>;
  save(): Promise<void>;
  /** With the conflicts of which mine are kept; the others stay as they are. */
  resolve(mine: Conflict[]): Promise<void>;
  restore(version: number): Promise<void>;
  dispose(): void;
}

const saveAfterMs = 2_000;

export function openEditor(jobId: string): Editor {
  const path = `/api/v1/jobs/${jobId}`;
  const draft = signal<Draft | null>(null);
  const version = signal(0);
  const language = signal("");
  const saving = signal<Saving>("saved");
  const failure = signal<ApiFailure | null>(null);
  const conflict = signal<Merge | null>(null);
  const isReshaping = signal(false);
  let tag = "";
  let timer: ReturnType<typeof setTimeout> | undefined;
  let current: Promise<void> = Promise.resolve();

  const take = ({ data, tag: next }: Answer<Version>): Segment[] => {
    tag = next?.replace(/^W\//, "") ?? "*";
    version.value = data.version;
    language.value = data.language;
    return data.segments;
  };
  const settle = (): void => {
    saving.value = draft.value && draft.value.changed.size > 0 ? "unsaved" : "saved";
    clearTimeout(timer);
    if (saving.value === "unsaved") timer = setTimeout(() => void save(), saveAfterMs);
  };
  const set = (next: Draft): void => {
    if (next === draft.value) return;
    draft.value = next;
    settle();
  };

  async function send(): Promise<void> {
    const now = draft.value;
    if (!now || now.changed.size === 0 || conflict.value) return;
    const sent = editsOf(now);
    saving.value = "saving";
    try {
      const answer = await ask<Version>("PATCH", `${path}/segments`, {
        json: { segments: sent }, ifMatch: tag,
      });
      draft.value = afterSaving(draft.value ?? now, sent, take(answer));
      failure.value = null;
      settle();
    } catch (cause) {
      const refused = asFailure(cause);
      if (refused.status === 412) await meet();
      else fail(refused);
    }
  }
  const fail = (cause: ApiFailure): void => {
    saving.value = "failed";
    failure.value = cause;
    // The server may come back; what it refused will not be taken the next time either.
    if (cause.status === 0 || cause.status >= 500) timer = setTimeout(() => void save(), 5_000);
  };
  /** One after the other: each needs the version that the one before made. */
  function save(): Promise<void> {
    clearTimeout(timer);
    current = current.then(send);
    return current;
  }

  // Who has signed in again goes on where the session ended.
  const stopWaiting = effect(() => {
    if (!isSignedOut.value && failure.peek()?.status === 401) void save();
  });

  async function meet(): Promise<void> {
    try {
      const theirs = take(await ask<Version>("GET", `${path}/segments`));
      const merged = merge(draft.value ?? begin(theirs), theirs);
      if (merged.conflicts.length > 0) {
        saving.value = "unsaved";
        conflict.value = merged;
        return;
      }
      draft.value = apply(begin(theirs), merged.clean);
      settle();
    } catch (cause) {
      fail(asFailure(cause));
    }
  }

  /** What was typed is saved first, as the server changes what it has. */
  async function reshape(
    request: () => Promise<Answer<Version>>, next: (before: number, base: Segment[]) => Draft,
  ): Promise<boolean> {
    if (isReshaping.value || !draft.value) return false;
    isReshaping.value = true;
    try {
      await save();
      if (saving.value !== "saved" || conflict.value) return false;
      const before = version.value;
      const answer = await request();
      draft.value = next(before, take(answer));
      return true;
    } catch (cause) {
      const refused = asFailure(cause);
      if (refused.status === 412) await meet();
      throw refused;
    } finally {
      isReshaping.value = false;
    }
  }
  const change = (verb: "split" | "merge", body: () => object): Promise<boolean> =>
    reshape(
      () => ask<Version>("POST", `${path}/segments/${verb}`, { json: body(), ifMatch: tag }),
      (before, base) => reshaped(draft.value!, base, { before, after: version.value }),
    );
  const goTo = (wanted: number): Promise<Answer<Version>> =>
    ask<Version>("POST", `${path}/restore`, { json: { version: wanted }, ifMatch: tag });
  async function stepBack(direction: "undo" | "redo"): Promise<boolean> {
    const now = draft.value;
    if (!now || isReshaping.value) return false;
    const step = (direction === "undo" ? now.done : now.undone).at(-1);
    if (!isReshape(step)) {
      set(direction === "undo" ? undo(now) : redo(now));
      return true;
    }
    return reshape(
      () => goTo(direction === "undo" ? step.before : step.after),
      (_, base) => shapedBack(draft.value!, base, direction),
    );
  }

  return {
    draft, version, language, saving, failure, conflict,
    base: computed(() => draft.value?.base ?? null),
    texts: computed(() => {
      const now = draft.value;
      return now ? now.base.map((_, index) => fieldsAt(now, index).text) : [];
    }),
    async load() {
      draft.value = begin(take(await ask<Version>("GET", `${path}/segments`)));
      saving.value = "saved";
    },
    change(edits, grow) {
      if (draft.value && !isReshaping.value) set(apply(draft.value, edits, grow));
    },
    isReshaping,
    undo: () => stepBack("undo"),
    redo: () => stepBack("redo"),
    split(index, before) {
      const place = index - removedBefore(draft.value!, index);
      return change("split", () => {
        // As saved, the text has no blanks at its ends.
        const text = draft.value!.base[place]?.text ?? "";
        const left = text.slice(0, before.trimStart().length);
        return { index: place, at: new TextEncoder().encode(left).length };
      });
    },
    join(index) {
      const place = index - removedBefore(draft.value!, index);
      return change("merge", () => ({ index: place }));
    },
    save,
    async resolve(mine) {
      const merged = conflict.value;
      if (!merged) return;
      const chosen = mine.filter((each) => each.index >= 0).map((each) => ({ index: each.index, ...each.mine }));
      conflict.value = null;
      draft.value = apply(begin(merged.base), [...merged.clean, ...chosen]);
      await save();
    },
    async restore(wanted) {
      await save();
      draft.value = begin(take(await goTo(wanted)));
      saving.value = "saved";
    },
    dispose: () => {
      clearTimeout(timer);
      stopWaiting();
    },
  };
}
