import { effect } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { type Moving, whenMoved } from "./changes.ts";
import { ApiFailure, isSignedOut } from "./client.ts";

/** What a page has asked for, as it stands. */
export interface Loaded<T> {
  data: T | null;
  failure: ApiFailure | null;
  isLoading: boolean;
  reload(): void;
  /** In place of what came, for instance after a change was answered. */
  set(data: T): void;
}

export interface LoadedOptions {
  /** Asks again so often while the page is seen; 0: never. */
  everyMs?: number;
  /** Asks when the server says that this has moved; by the clock only where nobody tells. */
  moving?: Moving;
}

/** Asks when the component appears and when one of `parts` changes; a late answer is passed over. */
export function useLoaded<T>(
  load: (signal: AbortSignal) => Promise<T>,
  parts: readonly unknown[],
  options: LoadedOptions = {},
): Loaded<T> {
  const [data, setData] = useState<T | null>(null);
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  const [isLoading, setLoading] = useState(true);
  const [turn, setTurn] = useState(0);
  const latest = useRef(load);
  latest.current = load;

  useEffect(() => {
    const abort = new AbortController();
    setLoading(true);
    latest
      .current(abort.signal)
      .then((answer) => {
        if (abort.signal.aborted) return;
        setData(() => answer);
        setFailure(null);
      })
      .catch((cause: unknown) => {
        if (!abort.signal.aborted) setFailure(asFailure(cause));
      })
      .finally(() => {
        if (!abort.signal.aborted) setLoading(false);
      });
    return () => abort.abort();
  }, [...parts, turn]);

  useAgainAfterSignIn(failure, () => setTurn((before) => before + 1));

  const everyMs = options.everyMs ?? 0;
  const { moving } = options;
  useEffect(() => {
    if (everyMs === 0) return undefined;
    if (moving) return whenMoved(moving, everyMs, () => setTurn((before) => before + 1));
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") setTurn((before) => before + 1);
    }, everyMs);
    return () => clearInterval(timer);
  }, [everyMs, moving]);

  return {
    data,
    failure,
    isLoading,
    reload: () => setTurn((before) => before + 1),
    set: (next) => setData(() => next),
  };
}

/** What was refused because the session had ended is asked for in the next one. */
export function useAgainAfterSignIn(failure: ApiFailure | null, again: () => void): void {
  useEffect(() => {
    if (failure?.status !== 401) return undefined;
    return effect(() => {
      if (!isSignedOut.value) again();
    });
  }, [failure]);
}

export function asFailure(cause: unknown): ApiFailure {
  if (cause instanceof ApiFailure) return cause;
  return new ApiFailure(0, "UNEXPECTED", cause instanceof Error ? cause.message : String(cause));
}
