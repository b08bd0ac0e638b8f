import { useEffect, useRef, useState } from "preact/hooks";
import { whenMoved } from "../../api/changes.ts";
import { ApiFailure, get, type Page, type Query } from "../../api/client.ts";
import { asFailure, useAgainAfterSignIn } from "../../api/loaded.ts";
import type { Job, Snippet } from "../../api/types.ts";
import { isActive } from "../../jobs/status.tsx";

/** What the address of the library asks for. */
export interface Filters {
  q: string;
  status: string;
  language: string;
  tag: string;
  /** The owner, as the API names them: "user:ayse". */
  submittedBy: string;
  days: string;
  order: string;
}

export function filtersOf(query: URLSearchParams): Filters {
  const read = (name: string): string => query.get(name) ?? "";
  return {
    q: read("q"), status: read("status"), language: read("language"), tag: read("tag"),
    submittedBy: read("by"), days: read("days"), order: read("order"),
  };
}

export const isFiltered = (filters: Filters): boolean =>
  Boolean(filters.q || filters.status || filters.language || filters.tag || filters.submittedBy || filters.days);

export interface Found {
  job: Job;
  snippet: Snippet | null;
}

const pageSize = 50;
const activeEveryMs = 3_000;

function toQuery(filters: Filters): Query {
  const { q, status, language, tag, submittedBy, days, order } = filters;
  const query: Query = { q, status, language, tag, order, submitted_by: submittedBy, limit: pageSize };
  if (days) query.created_from = new Date(Date.now() - Number(days) * 86_400_000).toISOString();
  return query;
}

async function ask(query: Query, signal: AbortSignal): Promise<Page<Found>> {
  if (query.q) return get<Page<Found>>("/search", query, signal);
  const page = await get<Page<Job>>("/jobs", query, signal);
  return { ...page, items: page.items.map((job) => ({ job, snippet: null })) };
}

export interface JobCount {
  /** At most 10,000; null: counting takes too long. */
  count: number | null;
  is_more: boolean;
}

export interface FoundJobs {
  items: Found[];
  hasMore: boolean;
  /** How many there are in all; null: not known, as long as that is so. */
  count: JobCount | null;
  isLoading: boolean;
  failure: ApiFailure | null;
  loadMore(): void;
  reload(): void;
  replace(job: Job): void;
}

/** The jobs that fit, page after page; those that are worked on are looked at again and again. */
export function useFoundJobs(filters: Filters): FoundJobs {
  const [items, setItems] = useState<Found[]>([]);
  const [cursor, setCursor] = useState<string | null>(null);
  const [isLoading, setLoading] = useState(true);
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  const [turn, setTurn] = useState(0);
  const [count, setCount] = useState<JobCount | null>(null);
  const query = useRef<Query>({});
  /** Of the search that is shown: a late answer to the one before must not get into its list. */
  const current = useRef(new AbortController());
  const key = JSON.stringify(filters);

  const load = (after: string | null): void => {
    const { signal } = current.current;
    setLoading(true);
    ask({ ...query.current, cursor: after }, signal)
      .then((page) => {
        if (signal.aborted) return;
        setItems((before) => (after === null ? page.items : [...before, ...page.items]));
        setCursor(page.has_more ? page.next_cursor : null);
        setFailure(null);
        setLoading(false);
      })
      .catch((cause: unknown) => {
        if (signal.aborted) return;
        setFailure(asFailure(cause));
        setLoading(false);
      });
  };
  useEffect(() => {
    current.current = new AbortController();
    query.current = toQuery(filters);
    load(null);
    const { signal } = current.current;
    const { limit: _, order: __, ...counted } = query.current;
    setCount(null);
    // Without it the page says how many are shown.
    get<JobCount>("/jobs/count", counted, signal).then((found) => { if (!signal.aborted) setCount(found); }, () => {});
    return () => current.current.abort();
  }, [key, turn]);

  useAgainAfterSignIn(failure, () => setTurn((before) => before + 1));

  const active = items.filter((each) => isActive(each.job)).slice(0, 20).map((each) => each.job.job_id);
  const replace = (job: Job): void =>
    setItems((before) => before.map((each) => (each.job.job_id === job.job_id ? { ...each, job } : each)));
  useEffect(() => {
    if (active.length === 0) return undefined;
    return whenMoved("jobs", activeEveryMs, () => {
      for (const id of active) void get<Job>(`/jobs/${id}`).then(replace, () => {});
    });
  }, [active.join()]);

  return {
    items,
    hasMore: cursor !== null,
    count,
    isLoading,
    failure,
    loadMore: () => load(cursor),
    reload: () => setTurn((before) => before + 1),
    replace,
  };
}
