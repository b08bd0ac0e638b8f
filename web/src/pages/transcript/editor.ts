import { computed, effect, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { type Answer, ApiFailure, ask, isSignedOut } from "../../api/client.ts";
import { asFailure } from "../../api/loaded.ts";
import type { Segment } from "../../api/types.ts";
import {
  afterSaving, apply, begin, type Conflict, type Draft, editsOf, fieldsAt, merge, type Merge, redo,
  type SegmentEdit, undo,
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
  undo(): void;
  redo(): void;
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
    change: (edits, grow) => draft.value && set(apply(draft.value, edits, grow)),
    undo: () => draft.value && set(undo(draft.value)),
    redo: () => draft.value && set(redo(draft.value)),
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
      const answer = await ask<Version>("POST", `${path}/restore`, { json: { version: wanted }, ifMatch: tag });
      draft.value = begin(take(answer));
      saving.value = "saved";
    },
    dispose: () => {
      clearTimeout(timer);
      stopWaiting();
    },
  };
}
