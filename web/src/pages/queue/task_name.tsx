import { Badge, type Tone } from "../../ui/badge.tsx";
import type { ListedTask, TaskState } from "./queue_api.ts";
import { word } from "./words.ts";

/** The kind of a task, which leads to it, and the recording that it is about. */
export function TaskName({ task }: { task: ListedTask }) {
  return (
    <span class="task-name">
      <a href={`/queue/tasks/${task.id}`}>{task.name}</a>
      {(task.source_name ?? task.job_id) && <span class="small quiet">{task.source_name ?? task.job_id}</span>}
    </span>
  );
}

const tones: Record<TaskState, Tone> = {
  available: "neutral",
  scheduled: "neutral",
  running: "busy",
  retryable: "warn",
  completed: "good",
  cancelled: "neutral",
  discarded: "bad",
  quarantined: "bad",
};

export function StateBadge({ state }: { state: TaskState }) {
  return <Badge tone={tones[state]}>{word("state", state)}</Badge>;
}
