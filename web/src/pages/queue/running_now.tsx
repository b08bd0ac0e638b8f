import { useLoaded } from "../../api/loaded.ts";
import { duration, percent } from "../../i18n/format.ts";
import { Progress } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { Table } from "../../ui/table.tsx";
import { changeWithQuestion } from "./bulk.ts";
import { everyMs } from "./live.ts";
import { type ListedTask, listTasks, secondsBetween, type TaskPage, type Worker } from "./queue_api.ts";
import { TaskName } from "./task_name.tsx";
import { t } from "./words.ts";

/** What is being worked on, with how far it is. */
export function RunningNow({ workers }: { workers: Worker[] }) {
  const running = useLoaded<TaskPage>(
    (signal) => listTasks({ state: "running" }, null, 25, signal),
    [],
    { everyMs: everyMs(2_000), moving: "queue" },
  );
  const nameOf = (id: string | null): string => workers.find((worker) => worker.id === id)?.name ?? "–";
  const tasks = running.data?.tasks ?? [];
  return (
    <section class="section" aria-labelledby="running-title">
      <h2 id="running-title">{t("now_running")}</h2>
      {tasks.length === 0 ? <p class="quiet">{t("nothing_runs")}</p> : (
        <Table<ListedTask>
          label={t("now_running")}
          rows={tasks}
          keyOf={(task) => task.id}
          columns={[
            { key: "task", title: t("task"), cell: (task) => <TaskName task={task} /> },
            { key: "queue", title: t("queue"), isMinor: true, cell: (task) => task.queue },
            { key: "worker", title: t("worker"), isMinor: true, cell: (task) => nameOf(task.worker_id) },
            {
              key: "for",
              title: t("for_time"),
              isNumber: true,
              cell: (task) => duration(secondsBetween(task.claimed_at ?? task.run_at, null)),
            },
            {
              key: "progress",
              title: t("progress"),
              cell: (task) => (
                <div class="progress-cell">
                  <Progress value={task.progress} label={t("progress")} />
                  <span class="number small quiet">{percent(task.progress)}</span>
                </div>
              ),
            },
            {
              key: "act",
              title: "",
              cell: (task) => (
                <div class="row-actions">
                  <Button
                    kind="quiet"
                    icon="stop"
                    label={t("cancel")}
                    onClick={() => void changeWithQuestion("cancel", { ids: [task.id] }, running.reload)}
                  />
                </div>
              ),
            },
          ]}
        />
      )}
    </section>
  );
}
