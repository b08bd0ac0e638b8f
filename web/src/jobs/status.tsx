import type { Job, JobStatus } from "../api/types.ts";
import { percent } from "../i18n/format.ts";
import { Badge, type Tone } from "../ui/badge.tsx";
import { t } from "./words.ts";

export const statuses: JobStatus[] = ["queued", "processing", "completed", "failed", "cancelled"];

export const statusTones: Record<JobStatus, Tone> = {
  queued: "neutral",
  processing: "busy",
  completed: "good",
  failed: "bad",
  cancelled: "neutral",
};

export const isActive = (job: Job): boolean => job.status === "queued" || job.status === "processing";
/** "user:ayse" -> "ayse". */
export const personOf = (owner: string): string => owner.replace(/^\w+:/, "");
export const nameOf = (job: Job): string => job.name ?? job.source_url ?? t("no_name");

export function JobBadge({ job }: { job: Job }) {
  return (
    <Badge tone={statusTones[job.status]}>
      {t(`status_${job.status}`)}
      {job.status === "processing" && ` ${percent(job.progress)}`}
    </Badge>
  );
}
