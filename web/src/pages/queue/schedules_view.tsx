import { useSignal } from "@preact/signals";
import { get, post, remove } from "../../api/client.ts";
import { useLoaded } from "../../api/loaded.ts";
import { go } from "../../app/router.ts";
import { ago, dateTime } from "../../i18n/format.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { confirmed } from "../../ui/dialog.tsx";
import { Failed, Loading } from "../../ui/empty.tsx";
import { Table } from "../../ui/table.tsx";
import { report, say } from "../../ui/toast.tsx";
import { everyMs } from "./live.ts";
import type { Schedule } from "./queue_api.ts";
import { ScheduleForm } from "./schedule_form.tsx";
import { t } from "./words.ts";

export function SchedulesView() {
  const shown = useSignal<Schedule | "new" | null>(null);
  const loaded = useLoaded<{ schedules: Schedule[] }>(
    (signal) => get("/admin/schedules", {}, signal),
    [],
    { everyMs: everyMs(10_000) },
  );
  if (!loaded.data) {
    return loaded.failure ? <Failed failure={loaded.failure} onRetry={loaded.reload} /> : <Loading />;
  }
  const run = (schedule: Schedule): void => {
    post<{ task_id: string }>(`/admin/schedules/${encodeURIComponent(schedule.name)}/run`)
      .then(({ task_id: id }) => {
        say(t("started_now", { name: schedule.name }), { text: t("look"), run: () => void go(`/queue/tasks/${id}`) });
        loaded.reload();
      })
      .catch(report);
  };
  const path = (schedule: Schedule): string => `/admin/schedules/${encodeURIComponent(schedule.name)}`;
  const toggle = (schedule: Schedule): void => {
    post(`${path(schedule)}/${schedule.paused ? "resume" : "pause"}`).then(loaded.reload, report);
  };
  const erase = async (schedule: Schedule): Promise<void> => {
    const isSure = await confirmed({
      title: t("schedule_delete_title", { name: schedule.name }), text: t("schedule_delete_text"), action: t("schedule_delete"),
      isDangerous: true,
    });
    if (!isSure) return;
    await remove(path(schedule));
    loaded.reload();
  };
  return (
    <section class="section">
      <div class="row" style={{ justifyContent: "space-between" }}>
        <p class="quiet small">{t("schedules_text")}</p>
        <Button icon="plus" onClick={() => { shown.value = "new"; }}>{t("schedule_new")}</Button>
      </div>
      {shown.value && (
        <ScheduleForm
          schedule={shown.value === "new" ? null : shown.value}
          tasks={[...new Set(loaded.data.schedules.map((each) => each.task))]}
          onClose={() => { shown.value = null; }}
          onSaved={loaded.reload}
        />
      )}
      <Table<Schedule>
        label={t("view_schedules")}
        rows={loaded.data.schedules}
        keyOf={(schedule) => schedule.name}
        columns={[
          {
            key: "name",
            title: t("name"),
            cell: (schedule) => (
              <span class="task-name">
                <strong>{schedule.name}</strong>
                {schedule.task !== schedule.name && <span class="small quiet">{schedule.task}</span>}
              </span>
            ),
          },
          {
            key: "cron",
            title: t("when"),
            isMinor: true,
            cell: (schedule) => (
              <span class="task-name">
                <code class="nowrap">{schedule.cron}</code>
                <span class="small quiet">{schedule.time_zone}</span>
              </span>
            ),
          },
          {
            key: "next",
            title: t("next"),
            cell: (schedule) => (schedule.active && schedule.next_at
              ? <Time at={schedule.next_at} />
              : <Badge>{t(schedule.paused ? "switched_off" : "rests")}</Badge>),
          },
          { key: "last", title: t("last"), isMinor: true, cell: (schedule) => (schedule.last_at ? <Time at={schedule.last_at} /> : "–") },
          { key: "missed", title: t("missed"), isMinor: true, cell: (schedule) => t(`missed_${schedule.missed}`) },
          {
            key: "act",
            title: "",
            cell: (schedule) => (
              <div class="row-actions">
                {schedule.task.startsWith("cleanup.") && (
                  <Button kind="quiet" icon="eye" onClick={() => tryOut(schedule)}>{t("dry_run")}</Button>
                )}
                {schedule.origin === "added" && (
                  <>
                    <Button
                      kind="quiet"
                      icon="edit"
                      label={t("schedule_edit", { name: schedule.name })}
                      onClick={() => { shown.value = schedule; }}
                    />
                    <Button
                      kind="quiet"
                      icon="trash"
                      label={t("schedule_delete_title", { name: schedule.name })}
                      onClick={() => void erase(schedule).catch(report)}
                    />
                  </>
                )}
                <Button
                  kind="quiet"
                  icon={schedule.paused ? "check" : "pause"}
                  label={t(schedule.paused ? "schedule_on" : "schedule_off", { name: schedule.name })}
                  onClick={() => toggle(schedule)}
                />
                <Button icon="play" onClick={() => run(schedule)}>{t("run_now")}</Button>
              </div>
            ),
          },
        ]}
      />
    </section>
  );
}

/** Only counts; the page of the task shows what it would have taken away. */
function tryOut(schedule: Schedule): void {
  const args = { ...(schedule.args as object | null), dry_run: true };
  post<{ task_id: string }>("/tasks", { name: schedule.task, args })
    .then(({ task_id: id }) => go(`/queue/tasks/${id}`))
    .catch(report);
}

function Time({ at }: { at: string }) {
  return <time dateTime={at} title={dateTime(at)}>{ago(at)}</time>;
}
