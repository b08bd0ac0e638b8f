import { get } from "../../api/client.ts";
import { useLoaded } from "../../api/loaded.ts";
import { query, setQuery } from "../../app/router.ts";
import { brief, dateTime, duration, number } from "../../i18n/format.ts";
import { Failed, Loading } from "../../ui/empty.tsx";
import { SelectField } from "../../ui/field.tsx";
import { Table } from "../../ui/table.tsx";
import { Tile, Tiles } from "../../ui/tile.tsx";
import { EndedChart } from "./ended_chart.tsx";
import { everyMs } from "./live.ts";
import { Attention } from "./attention.tsx";
import { type Figures, type KindFigures, type Overview, secondsBetween, type Worker } from "./queue_api.ts";
import { QueuesTable } from "./queues_table.tsx";
import { RunningNow } from "./running_now.tsx";
import { t } from "./words.ts";

const spans = [15, 60, 1440, 10080] as const;

export function OverviewView() {
  const asked = Number(query.value.get("minutes"));
  const minutes = spans.find((each) => each === asked) ?? 60;
  const overview = useLoaded<Overview>(
    (signal) => get("/admin/overview", { minutes }, signal),
    [minutes],
    { everyMs: everyMs(2_000), moving: "queue" },
  );
  const workers = useLoaded<{ workers: Worker[] }>(
    (signal) => get("/admin/workers", {}, signal),
    [],
    { everyMs: everyMs(2_000), moving: "queue" },
  );
  if (!overview.data) {
    if (overview.failure) return <Failed failure={overview.failure} onRetry={overview.reload} />;
    return <Loading rows={5} />;
  }
  const { queues, figures } = overview.data;
  const all = workers.data?.workers ?? [];
  return (
    <div class="stack">
      <Attention queues={queues} figures={figures} workers={workers.data?.workers ?? null} />
      <Counts overview={overview.data} workers={all} />
      <section class="section" aria-labelledby="ended-title">
        <div class="section-head">
          <h2 id="ended-title">{t("history")}</h2>
          <SelectField
            label={t("span")}
            value={String(minutes)}
            options={spans.map((each) => [String(each), t(`span_${each}`)])}
            onChoose={(value) => setQuery({ minutes: value === "60" ? null : value })}
          />
        </div>
        <EndedChart figures={figures} />
        {figures.is_cut && (
          <p class="small quiet">
            {t("cut", { count: number(10_000), time: dateTime(figures.since) })}
          </p>
        )}
      </section>
      <QueuesTable queues={queues} onChange={overview.reload} />
      <RunningNow workers={all} />
      <Kinds figures={figures} />
    </div>
  );
}

const total = (overview: Overview, state: "available" | "running" | "scheduled" | "retryable"): number =>
  overview.queues.reduce((sum, queue) => sum + (queue.tasks[state] ?? 0), 0);

function Counts({ overview, workers }: { overview: Overview; workers: Worker[] }) {
  const { ended } = overview.figures;
  const alive = workers.filter((worker) => !worker.ended_at);
  const oldest = overview.queues
    .flatMap((queue) => (queue.oldest_since ? [secondsBetween(queue.oldest_since, null)] : []))
    .reduce((most, wait) => Math.max(most, wait), 0);
  const slots = alive.reduce((sum, worker) => sum + worker.slots, 0);
  const busy = alive.reduce((sum, worker) => sum + worker.busy, 0);
  const tasks = (state: string): string => `/queue?view=tasks&state=${state}`;
  return (
    <Tiles>
      <Tile
        label={t("waiting")}
        value={number(total(overview, "available"))}
        note={oldest > 0 ? t("oldest", { wait: duration(oldest) }) : undefined}
        tone={oldest > 600 ? "warn" : "neutral"}
        href={tasks("available")}
      />
      <Tile
        label={t("running")}
        value={number(total(overview, "running"))}
        note={slots > 0 ? t("slots", { busy: number(busy), all: number(slots) }) : undefined}
        tone="busy"
        href={tasks("running")}
      />
      <Tile label={t("later")} value={number(total(overview, "scheduled"))} href={tasks("scheduled")} />
      <Tile label={t("retrying")} value={number(total(overview, "retryable"))} href={tasks("retryable")} />
      <Tile label={t("done")} value={number(ended.completed)} href={tasks("completed")} />
      <Tile
        label={t("failed")}
        value={number(ended.failed)}
        tone={ended.failed > 0 ? "bad" : "neutral"}
        href={tasks("discarded")}
      />
      <Tile label={t("retried")} value={number(ended.retried)} />
    </Tiles>
  );
}

function Kinds({ figures }: { figures: Figures }) {
  const time = (seconds: number) => (seconds > 0 ? brief(seconds) : "–");
  return (
    <section class="section" aria-labelledby="kinds-title">
      <div class="section-head">
        <h2 id="kinds-title">{t("kinds")}</h2>
        <p class="quiet small">{t("kinds_text")}</p>
      </div>
      {figures.kinds.length === 0 ? <p class="quiet">{t("no_kinds")}</p> : (
        <Table<KindFigures>
          label={t("kinds")}
          rows={figures.kinds}
          keyOf={(kind) => kind.name}
          columns={[
            { key: "name", title: t("kind"), cell: (kind) => <a href={`/queue?view=tasks&state=ended&name=${kind.name}`}>{kind.name}</a> },
            { key: "done", title: t("done"), isNumber: true, cell: (kind) => number(kind.ended.completed) },
            { key: "failed", title: t("failed"), isNumber: true, cell: (kind) => number(kind.ended.failed) },
            { key: "retried", title: t("retried"), isNumber: true, isMinor: true, cell: (kind) => number(kind.ended.retried) },
            { key: "w50", title: t("wait_p50"), isNumber: true, isMinor: true, cell: (kind) => time(kind.wait_s.p50) },
            { key: "w95", title: t("wait_p95"), isNumber: true, isMinor: true, cell: (kind) => time(kind.wait_s.p95) },
            { key: "r50", title: t("run_p50"), isNumber: true, cell: (kind) => time(kind.run_s.p50) },
            { key: "r95", title: t("run_p95"), isNumber: true, cell: (kind) => time(kind.run_s.p95) },
            { key: "r99", title: t("run_p99"), isNumber: true, isMinor: true, cell: (kind) => time(kind.run_s.p99) },
            { key: "max", title: t("run_max"), isNumber: true, isMinor: true, cell: (kind) => time(kind.run_s.max) },
          ]}
        />
      )}
    </section>
  );
}
