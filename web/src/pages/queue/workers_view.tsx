import { get, post } from "../../api/client.ts";
import { useLoaded } from "../../api/loaded.ts";
import { ago, bytes, dateTime, duration, number } from "../../i18n/format.ts";
import { Badge, type Tone } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { confirmed } from "../../ui/dialog.tsx";
import { Empty, Failed, Loading } from "../../ui/empty.tsx";
import { Table } from "../../ui/table.tsx";
import { report, say } from "../../ui/toast.tsx";
import { endReasonOf } from "./end_reason.ts";
import { everyMs } from "./live.ts";
import { secondsBetween, type Worker } from "./queue_api.ts";
import { t, word } from "./words.ts";

const tones: Record<Worker["state"], Tone> = { running: "good", stopping: "warn", stopped: "neutral", dead: "bad" };

async function stop(worker: Worker): Promise<boolean> {
  const isYes = await confirmed({
    title: t("stop_title", { name: worker.name }),
    text: t("stop_text"),
    action: t("stop"),
  });
  if (!isYes) return false;
  await post(`/admin/workers/${worker.id}/stop`);
  say(t("stop_asked", { name: worker.name }));
  return true;
}

export function WorkersView() {
  const loaded = useLoaded<{ workers: Worker[] }>(
    (signal) => get("/admin/workers", {}, signal),
    [],
    { everyMs: everyMs(2_000) },
  );
  if (!loaded.data) {
    return loaded.failure ? <Failed failure={loaded.failure} onRetry={loaded.reload} /> : <Loading />;
  }
  const workers = [...loaded.data.workers].sort((a, b) =>
    Number(a.ended_at !== null) - Number(b.ended_at !== null) || a.kind.localeCompare(b.kind) ||
    a.started_at.localeCompare(b.started_at));
  if (workers.length === 0) return <Empty icon="gauge" title={t("no_workers")} text={t("no_workers_text")} />;
  return (
    <section class="section">
      <p class="quiet small">{t("workers_text")}</p>
      <Table<Worker>
        label={t("view_workers")}
        rows={workers}
        keyOf={(worker) => worker.id}
        columns={[
          {
            key: "name",
            title: t("name"),
            cell: (worker) => (
              <span class="task-name">
                <a href={`/queue?view=tasks&state=ended&worker_id=${worker.id}`}>{worker.name}</a>
                <span class="small quiet">{worker.host} · {worker.pid} · {worker.version}</span>
              </span>
            ),
          },
          {
            key: "state",
            title: t("state"),
            cell: (worker) => (
              <span class="task-name">
                <Badge tone={tones[worker.state]}>{word("worker_state", worker.state)}</Badge>
                {worker.ended_at && worker.end_reason && (
                  <span class="small quiet" title={t("why_ended")}>{endReason(worker.end_reason)}</span>
                )}
              </span>
            ),
          },
          { key: "kind", title: t("kind"), isMinor: true, cell: (worker) => word("kind", worker.kind) },
          { key: "slots", title: t("running"), cell: (worker) => <Slots worker={worker} /> },
          { key: "memory", title: t("memory"), isNumber: true, isMinor: true, cell: (worker) => bytes(worker.memory_bytes) },
          { key: "done", title: t("worker_done"), isNumber: true, isMinor: true, cell: (worker) => number(worker.finished) },
          {
            key: "failed",
            title: t("failed"),
            isNumber: true,
            isMinor: true,
            cell: (worker) => number(worker.failed),
          },
          {
            key: "beat",
            title: t("beat"),
            isMinor: true,
            cell: (worker) => <time dateTime={worker.seen_at} title={dateTime(worker.seen_at)}>{ago(worker.seen_at)}</time>,
          },
          {
            key: "up",
            title: t("up"),
            isNumber: true,
            isMinor: true,
            cell: (worker) => duration(secondsBetween(worker.started_at, worker.ended_at)),
          },
          {
            key: "act",
            title: "",
            cell: (worker) => worker.state === "running" && (
              <div class="row-actions">
                <Button icon="stop" onClick={() => void stop(worker).then((isDone) => isDone && loaded.reload()).catch(report)}>
                  {t("stop")}
                </Button>
              </div>
            ),
          },
        ]}
      />
    </section>
  );
}

function endReason(text: string): string {
  const reason = endReasonOf(text);
  if (!reason) return text;
  const time = reason.silence_ms === undefined ? "" : duration(reason.silence_ms / 1000);
  return t(reason.key as Parameters<typeof t>[0], { ...reason.values, time });
}

/** A box for each slot, filled while something runs in it. */
function Slots({ worker }: { worker: Worker }) {
  const text = t("slots", { busy: number(worker.busy), all: number(worker.slots) });
  if (worker.ended_at) return <span class="quiet">–</span>;
  return (
    <span class="task-name">
      {worker.slots <= 16 && (
        <span class="slots" aria-hidden="true">
          {Array.from({ length: Math.max(worker.slots, worker.busy) }, (_, i) => (
            <span key={i} class={i < worker.busy ? "slot is-busy" : "slot"} />
          ))}
        </span>
      )}
      <span class="small quiet nowrap">{text}</span>
    </span>
  );
}
