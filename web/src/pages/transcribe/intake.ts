import { effect, signal } from "@preact/signals";
import { ApiFailure, get, type Page, post, url } from "../../api/client.ts";
import { type EventFeed, follow } from "../../api/events.ts";
import { asFailure } from "../../api/loaded.ts";
import type { Job, JobStatus } from "../../api/types.ts";
import { principal } from "../../app/session.ts";
import { options, toRequest } from "./options.ts";
import { forget, upload, UploadRefused } from "./tus.ts";

/**
 * Recordings on their way: waiting to be sent, being sent, being transcribed. Lives as long as the
 * window, whatever page is shown.
 */
export type Phase = "waiting" | "sending" | JobStatus;

export interface Item {
  key: number;
  name: string;
  size: number | null;
  phase: Phase;
  /** 0 to 1, of what the phase is about. */
  progress: number;
  jobId: string | null;
  /** What was said so far. */
  text: string;
  failure: ApiFailure | null;
  /** Whether that is the transcript, and all of it. */
  isRead: boolean;
  /** The connection broke; it goes on by itself. */
  isStuck: boolean;
}

export const items = signal<Item[]>([]);

const sendingMax = 2;
/** A browser opens six connections to a server; streams must leave some for everything else. */
const feedsMax = 2;
const askEveryMs = 3_000;

interface Work {
  file?: File;
  request: Record<string, unknown>;
  abort: AbortController;
}
const works = new Map<number, Work>();
const feeds = new Map<number, EventFeed>();
let lastKey = 0;

// The server finishes what it has; what is still here would be gone with the window.
globalThis.addEventListener?.("beforeunload", (event) => {
  const isHere = items.peek().some((each) => each.phase === "sending" || each.phase === "waiting");
  if (isHere) event.preventDefault();
});

const isRunning = (item: Item): boolean => item.phase === "queued" || item.phase === "processing";

function update(key: number, part: Partial<Item>): void {
  items.value = items.value.map((each) => (each.key === key ? { ...each, ...part } : each));
}

function add(part: Partial<Item> & { name: string }, work?: Work): number {
  lastKey += 1;
  const item: Item = {
    key: lastKey, size: null, phase: "waiting", progress: 0, jobId: null, text: "", failure: null,
    isRead: false, isStuck: false, ...part,
  };
  if (work) works.set(item.key, work);
  items.value = [item, ...items.value];
  return item.key;
}

/** With the options as they are now. */
export function addFiles(files: Iterable<File>): void {
  for (const file of files) {
    const work = { file, request: toRequest(options.value), abort: new AbortController() };
    add({ name: file.name, size: file.size }, work);
  }
  sendNext();
}

/** Errors: ApiFailure when the server refuses the address. */
export async function addAddress(address: string): Promise<void> {
  const request = { ...toRequest(options.value), url: address };
  const made = await post<{ job_id: string }>("/jobs", request);
  add({ name: address, phase: "queued", jobId: made.job_id });
}

/** What was begun before the page was loaded is shown too. */
export async function takeUpRunning(): Promise<void> {
  const owner = principal.value?.owner;
  const page = await get<Page<Job>>("/jobs", {
    status: ["queued", "processing"], limit: 20, ...(owner && { submitted_by: owner }),
  });
  for (const job of page.items.reverse()) {
    if (items.value.some((each) => each.jobId === job.job_id)) continue;
    add({
      name: job.name ?? job.source_url ?? job.job_id, size: job.file_size, phase: job.status,
      progress: job.progress, jobId: job.job_id,
    });
  }
}

function sendNext(): void {
  const sending = items.value.filter((each) => each.phase === "sending").length;
  const waiting = items.value.filter((each) => each.phase === "waiting").reverse();
  for (const item of waiting.slice(0, Math.max(0, sendingMax - sending))) void send(item);
}

async function send(item: Item): Promise<void> {
  const work = works.get(item.key);
  if (!work?.file) return;
  update(item.key, { phase: "sending", progress: 0 });
  try {
    const id = await upload(work.file, {
      signal: work.abort.signal,
      onProgress: (progress) => update(item.key, { progress, isStuck: false }),
      onWaiting: () => update(item.key, { isStuck: true }),
    });
    const request = { ...work.request, upload_id: id, name: item.name };
    const made = await post<{ job_id: string }>("/jobs", request, { idempotencyKey: `upload-${id}` });
    update(item.key, { phase: "queued", progress: 0, jobId: made.job_id, isStuck: false });
  } catch (cause) {
    if (work.abort.signal.aborted) update(item.key, { phase: "cancelled" });
    else update(item.key, { phase: "failed", failure: failureOf(cause) });
  } finally {
    sendNext();
  }
}

function failureOf(cause: unknown): ApiFailure {
  if (!(cause instanceof UploadRefused)) return asFailure(cause);
  try {
    const { error } = JSON.parse(cause.body) as { error: { code: string; message: string } };
    return new ApiFailure(cause.status, error.code, error.message);
  } catch {
    return new ApiFailure(cause.status, `HTTP_${cause.status}`, cause.message);
  }
}

export async function cancel(item: Item): Promise<void> {
  if (item.jobId !== null) {
    await post(`/jobs/${item.jobId}/cancel`);
    return; // The stream tells when it has ended.
  }
  const work = works.get(item.key);
  work?.abort.abort();
  update(item.key, { phase: "cancelled" });
  if (work?.file) await forget(work.file);
}

/** What was sent already begins anew there; what was not is sent. */
export async function retry(item: Item): Promise<void> {
  if (item.jobId !== null) {
    await post(`/jobs/${item.jobId}/retry`);
    update(item.key, { phase: "queued", progress: 0, text: "", failure: null });
    return;
  }
  const work = works.get(item.key);
  if (work) work.abort = new AbortController();
  update(item.key, { phase: "waiting", progress: 0, failure: null });
  sendNext();
}

/** From this list; the job itself stays in the library. */
export function dismiss(item: Item): void {
  items.value = items.value.filter((each) => each.key !== item.key);
  works.delete(item.key);
}

interface Told {
  status: JobStatus | "deleted";
  progress: number;
  error?: { code: string; message: string };
}

function take(key: number, told: Told): void {
  const phase = told.status === "deleted" ? "cancelled" : told.status;
  const failure = told.error ? new ApiFailure(422, told.error.code, told.error.message) : null;
  update(key, { phase, progress: told.progress, failure, isStuck: false });
}

function listen(item: Item): void {
  feeds.set(item.key, follow(`/jobs/${item.jobId}/events`, {
    onOpen: () => update(item.key, { text: "", isStuck: false }),
    onBreak: () => update(item.key, { isStuck: true }),
    on: {
      segment: (data) => {
        const before = items.value.find((each) => each.key === item.key)?.text ?? "";
        const said = (data as { text: string }).text.trim();
        update(item.key, { text: before ? `${before} ${said}` : said });
      },
      progress: (data) => take(item.key, data as Told),
      end: (data) => {
        take(item.key, data as Told);
        void readText(item);
      },
    },
  }));
}

/** When a job has ended its text is in the transcript; the stream may have told less of it. */
async function readText(item: Item): Promise<void> {
  const now = items.value.find((each) => each.key === item.key);
  if (now?.phase !== "completed") return;
  const response = await fetch(url(`/jobs/${item.jobId}/transcript`, { format: "txt", times: false }));
  if (response.ok) update(item.key, { text: (await response.text()).trim(), isRead: true });
}

/** Streams for those that are worked on, a question now and then for the others. */
export function watchItems(): () => void {
  const stop = effect(() => {
    const running = items.value.filter(isRunning);
    const byUrgency = [...running].sort(
      (a, b) => Number(b.phase === "processing") - Number(a.phase === "processing") || a.key - b.key,
    );
    const chosen = new Set(byUrgency.slice(0, feedsMax).map((each) => each.key));
    for (const [key, feed] of feeds) {
      if (chosen.has(key)) continue;
      feed.close();
      feeds.delete(key);
    }
    for (const item of running) {
      if (chosen.has(item.key) && !feeds.has(item.key)) listen(item);
    }
  });
  const timer = setInterval(() => void askOthers(), askEveryMs);
  return () => {
    stop();
    clearInterval(timer);
    for (const feed of feeds.values()) feed.close();
    feeds.clear();
  };
}

async function askOthers(): Promise<void> {
  for (const item of items.value.filter((each) => isRunning(each) && !feeds.has(each.key))) {
    try {
      const job = await get<Job>(`/jobs/${item.jobId}`);
      const error = job.error && { code: job.error.code, message: job.error.message ?? "" };
      take(item.key, { status: job.status, progress: job.progress, ...(error && { error }) });
      await readText(item);
    } catch (cause) {
      if (asFailure(cause).status === 404) take(item.key, { status: "deleted", progress: 0 });
    }
  }
}
