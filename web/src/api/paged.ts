import { useEffect, useState } from "preact/hooks";
import { ApiFailure } from "./client.ts";
import { asFailure, useLoaded } from "./loaded.ts";

/** Part of a list that may have more; `is_cut` says that a search stopped before it found all. */
export interface Part<T> {
  items: T[];
  has_more: boolean;
  next_cursor: string | null;
  is_cut?: boolean;
}

export interface Paged<T> {
  items: T[] | null;
  last: Part<T> | null;
  failure: ApiFailure | null;
  isBusy: boolean;
  more(): void;
  reload(): void;
}

/** A list that grows when more() is called, and begins anew when one of `parts` changes. */
export function usePaged<T>(
  load: (cursor: string | null, signal?: AbortSignal) => Promise<Part<T>>,
  parts: readonly unknown[],
  everyMs = 0,
): Paged<T> {
  const key = JSON.stringify(parts);
  const [rest, setRest] = useState<{ key: string; pages: Part<T>[] }>({ key, pages: [] });
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  const pages = rest.key === key ? rest.pages : [];
  const first = useLoaded(
    async (signal) => ({ key, page: await load(null, signal) }),
    parts,
    { everyMs: pages.length > 0 ? 0 : everyMs },
  );
  useEffect(() => setFailure(null), [key]);
  const all = first.data?.key === key ? [first.data.page, ...pages] : [];
  const last = all.at(-1) ?? null;
  return {
    items: last ? all.flatMap((page) => page.items) : null,
    last,
    failure: failure ?? first.failure,
    isBusy,
    more() {
      if (!last?.next_cursor || isBusy) return;
      setBusy(true);
      load(last.next_cursor)
        .then((page) => setRest({ key, pages: [...pages, page] }))
        .catch((cause: unknown) => setFailure(asFailure(cause)))
        .finally(() => setBusy(false));
    },
    reload() {
      setRest({ key, pages: [] });
      setFailure(null);
      first.reload();
    },
  };
}
