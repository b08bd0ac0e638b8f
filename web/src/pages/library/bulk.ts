import { patch, post, remove, url } from "../../api/client.ts";
import type { Job } from "../../api/types.ts";
import type { Format } from "../../jobs/export_menu.tsx";
import { zip, type ZipEntry } from "./zip.ts";

/** One thing done to many jobs, a few at a time; what fails does not keep the others. */
export interface BulkResult {
  doneCount: number;
  failures: { job: Job; cause: unknown }[];
}

const atOnce = 4;

export async function each(jobs: Job[], act: (job: Job) => Promise<unknown>): Promise<BulkResult> {
  const result: BulkResult = { doneCount: 0, failures: [] };
  const waiting = [...jobs];
  const work = async (): Promise<void> => {
    for (let job = waiting.shift(); job; job = waiting.shift()) {
      try {
        await act(job);
        result.doneCount += 1;
      } catch (cause) {
        result.failures.push({ job, cause });
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return result;
}

export const deleteJobs = (jobs: Job[]): Promise<BulkResult> =>
  each(jobs, (job) => remove(`/jobs/${job.job_id}`));
export const cancelJobs = (jobs: Job[]): Promise<BulkResult> =>
  each(jobs, (job) => post(`/jobs/${job.job_id}/cancel`));
export const retryJobs = (jobs: Job[]): Promise<BulkResult> =>
  each(jobs, (job) => post(`/jobs/${job.job_id}/retry`));
export const tagJobs = (jobs: Job[], tags: string[]): Promise<BulkResult> =>
  each(jobs, (job) => patch(`/jobs/${job.job_id}`, { tags: [...new Set([...job.tags, ...tags])] }));

/** All transcripts in one zip, as the browser downloads it. */
export async function exportJobs(jobs: Job[], format: Format): Promise<BulkResult> {
  const entries = new Map<string, ZipEntry>();
  const result = await each(jobs, async (job) => {
    const response = await fetch(url(`/jobs/${job.job_id}/transcript`, { format }));
    if (!response.ok) throw new Error(`${job.name}: ${response.status}`);
    const stem = (job.name ?? job.job_id).replace(/\.[^.]{1,5}$/, "").replace(/[/\\:*?"<>|]/g, "_");
    const bytes = new Uint8Array(await response.arrayBuffer());
    entries.set(job.job_id, { name: `${stem}.${format}`, bytes });
  });
  const inOrder = jobs.flatMap((job) => entries.get(job.job_id) ?? []);
  if (inOrder.length > 0) {
    save(new Blob(zip(inOrder) as BlobPart[], { type: "application/zip" }), `katip-${format}.zip`);
  }
  return result;
}

function save(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
