import type { Job } from "../api/types.ts";

/** How long a job stays: as now, as the server keeps those that do not say it, or days; "0": for ever. */
export type Keep = "same" | "default" | `${number}`;

const dayChoices = [1, 7, 30, 90, 365];
const msOfDay = 86_400_000;

/** Days count from when the job came: those that are over already would delete it, and are not offered. */
export function keepChoices(job: Pick<Job, "created_at">, now: number): Keep[] {
  const created = Date.parse(job.created_at);
  const days = dayChoices.filter((each) => created + each * msOfDay > now);
  return ["same", ...days.map((each): Keep => `${each}`), "0", "default"];
}

/** As the API takes it. */
export function keepDaysOf(keep: Exclude<Keep, "same">): number | null {
  return keep === "default" ? null : Number(keep);
}
