import { get, post } from "../../api/client.ts";

/** What the API tells operators; docs/api.md, "Tasks, and operating". */
export type QueueMode = "open" | "paused" | "draining";

export interface Queue {
  name: string;
  mode: QueueMode;
  tasks: Partial<Record<LiveState, number>>;
  oldest_since: string | null;
}

export type LiveState = "scheduled" | "available" | "running" | "retryable";
export type EndState = "completed" | "cancelled" | "discarded" | "quarantined";
export type TaskState = LiveState | EndState;

export interface TaskError {
  at?: string;
  attempt?: number;
  code?: string;
  message?: string;
  [more: string]: unknown;
}

export interface Task {
  id: string;
  name: string;
  state: TaskState;
  result: unknown;
  errors: TaskError[];
  args: unknown;
  queue: string;
  priority: number;
  progress: number;
  attempt: number;
  attempt_count_max: number;
  crash_count: number;
  unique_key: string | null;
  job_row_id: string | null;
  request_id: string | null;
  worker_id: string | null;
  created_at: string;
  run_at: string;
  claimed_at: string | null;
  finished_at: string | null;
}

export interface ListedTask extends Task {
  job_id: string | null;
  source_name: string | null;
}

export interface TaskPage {
  tasks: ListedTask[];
  has_more: boolean;
  is_cut: boolean;
  searched_to: string | null;
  next_cursor: string | null;
}

export interface Worker {
  id: string;
  name: string;
  host: string;
  pid: number;
  kind: "engine" | "general";
  state: "running" | "stopping" | "stopped" | "dead";
  version: string;
  slots: number;
  busy: number;
  finished: number;
  failed: number;
  memory_bytes: number;
  started_at: string;
  seen_at: string;
  ended_at: string | null;
  end_reason: string | null;
}

/** Between how many slots workers of a kind follow their load. */
export interface Autoscale {
  kind: Worker["kind"];
  /** What somebody has set for all of them; null: each has its configuration. */
  bounds: { min: number; max: number; changed_by: string; changed_at: string } | null;
  workers: ScaledWorker[];
}

export interface ScaledWorker {
  id: string;
  name: string;
  host: string;
  state: Worker["state"];
  /** Null: an older katip, which does not say. */
  min: number | null;
  max: number | null;
  critical_slots: number;
  /** With the critical ones. */
  slots: number;
  busy: number;
}

export interface Schedule {
  name: string;
  cron: string;
  time_zone: string;
  task: string;
  args: unknown;
  active: boolean;
  /** Somebody switched it off. */
  paused: boolean;
  /** Only what was added is changed here. */
  origin: "configured" | "added";
  missed: "once" | "skip";
  last_at: string | null;
  next_at: string | null;
}

export interface Spread {
  p50: number;
  p95: number;
  p99: number;
  max: number;
}

export interface Ended {
  completed: number;
  failed: number;
  cancelled: number;
  retried: number;
}

export interface KindFigures {
  name: string;
  ended: Ended;
  wait_s: Spread;
  run_s: Spread;
}

export interface Figures {
  since: string;
  is_cut: boolean;
  ended: Ended;
  kinds: KindFigures[];
  intervals: { begin: string; completed: number; failed: number }[];
}

export interface Overview {
  queues: Queue[];
  figures: Figures;
}

/** What a list shows, as the address of the page and the API name it. */
export interface TaskFilter {
  state: string;
  name?: string | null;
  queue?: string | null;
  worker_id?: string | null;
  request_id?: string | null;
  q?: string | null;
}

export const listTasks = (
  filter: TaskFilter & { id?: string },
  cursor: string | null,
  limit: number,
  signal?: AbortSignal,
): Promise<TaskPage> =>
  get("/admin/tasks", { ...filter, cursor, limit }, signal);

export type BulkVerb = "retry" | "cancel";

interface BulkReport {
  changed: number;
  refused: number;
  next_cursor: string | null;
}

export const isEnded = (state: string): boolean =>
  ["completed", "cancelled", "discarded", "quarantined", "ended"].includes(state);

/** What can be done with all tasks that a list of this state shows. */
export function verbsOf(state: string): BulkVerb[] {
  if (state === "discarded" || state === "quarantined" || state === "cancelled") return ["retry"];
  if (state === "ended") return ["retry"];
  return isEnded(state) ? [] : ["cancel"];
}

/** Changes the tasks named, or, piece by piece, all that a filter finds. */
export async function changeMany(
  verb: BulkVerb,
  what: { ids: string[] } | { filter: TaskFilter },
  onProgress: (changed: number) => void,
): Promise<{ changed: number; refused: number }> {
  let changed = 0;
  let refused = 0;
  let cursor: string | null = null;
  do {
    const answer: BulkReport = await post(`/admin/tasks/${verb}`, {
      ...cleaned(what),
      ...(cursor && { cursor }),
    });
    changed += answer.changed;
    refused += answer.refused;
    cursor = answer.next_cursor;
    onProgress(changed);
  } while (cursor);
  return { changed, refused };
}

function cleaned(what: { ids: string[] } | { filter: TaskFilter }): object {
  if ("ids" in what) return what;
  const filter = Object.fromEntries(Object.entries(what.filter).filter(([, value]) => value));
  return { filter };
}

/** Seconds from one time to another, or to now. */
export const secondsBetween = (from: string, to: string | null, now = Date.now()): number =>
  Math.max(0, ((to ? new Date(to).getTime() : now) - new Date(from).getTime()) / 1000);
