import { post } from "../../api/client.ts";
import { duration, number } from "../../i18n/format.ts";
import { Badge, type Tone } from "../../ui/badge.tsx";
import { confirmed } from "../../ui/dialog.tsx";
import { Menu } from "../../ui/menu.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import { report, say } from "../../ui/toast.tsx";
import { type LiveState, type Queue, type QueueMode, secondsBetween } from "./queue_api.ts";
import { t } from "./words.ts";

const tones: Record<QueueMode, Tone> = { open: "good", paused: "warn", draining: "warn" };

async function change(queue: Queue, verb: "pause" | "resume" | "drain"): Promise<void> {
  if (verb !== "resume") {
    const values = { queue: queue.name };
    const title = t(verb === "pause" ? "pause_title" : "drain_title", values);
    const text = t(verb === "pause" ? "pause_text" : "drain_text");
    if (!(await confirmed({ title, text, action: t(verb) }))) return;
  }
  const now = await post<Queue>(`/admin/queues/${queue.name}/${verb}`);
  say(t("queue_changed", { queue: queue.name, mode: t(`mode_${now.mode}`) }));
}

export function QueuesTable({ queues, onChange }: { queues: Queue[]; onChange: () => void }) {
  const act = (queue: Queue, verb: "pause" | "resume" | "drain"): void => {
    change(queue, verb).then(onChange).catch(report);
  };
  const count = (state: LiveState, title: string, isMinor = false): Column<Queue> => ({
    key: state,
    title,
    isNumber: true,
    isMinor,
    cell: (queue) => {
      const tasks = queue.tasks[state] ?? 0;
      if (tasks === 0) return <span class="quiet">0</span>;
      return <a href={`/queue?view=tasks&state=${state}&queue=${queue.name}`}>{number(tasks)}</a>;
    },
  });
  return (
    <section class="section" aria-labelledby="queues-title">
      <h2 id="queues-title">{t("queues")}</h2>
      <Table
        label={t("queues")}
        rows={queues}
        keyOf={(queue) => queue.name}
        columns={[
          { key: "name", title: t("queue"), cell: (queue) => <strong>{queue.name}</strong> },
          { key: "mode", title: t("mode"), cell: (queue) => <Badge tone={tones[queue.mode]}>{t(`mode_${queue.mode}`)}</Badge> },
          count("available", t("waiting")),
          {
            key: "oldest",
            title: t("oldest_wait"),
            isNumber: true,
            isMinor: true,
            cell: (queue) => (queue.oldest_since ? duration(secondsBetween(queue.oldest_since, null)) : "–"),
          },
          count("running", t("running")),
          count("scheduled", t("later"), true),
          count("retryable", t("retrying"), true),
          {
            key: "act",
            title: "",
            cell: (queue) => (
              <div class="row-actions">
                <Menu icon="more" label={t("actions_for", { name: queue.name })}>
                  {queue.mode !== "open" && <button type="button" onClick={() => act(queue, "resume")}>{t("resume")}</button>}
                  {queue.mode !== "paused" && <button type="button" onClick={() => act(queue, "pause")}>{t("pause")}</button>}
                  {queue.mode !== "draining" && <button type="button" onClick={() => act(queue, "drain")}>{t("drain")}</button>}
                </Menu>
              </div>
            ),
          },
        ]}
      />
    </section>
  );
}
