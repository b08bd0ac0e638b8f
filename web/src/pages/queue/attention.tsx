import type { ComponentChildren } from "preact";
import { duration } from "../../i18n/format.ts";
import { Icon } from "../../ui/icon.tsx";
import { type Figures, type Queue, secondsBetween, type Worker } from "./queue_api.ts";
import { t, word } from "./words.ts";

/** A wait in these is worth a look when it is longer, in seconds. */
const longWait: Record<string, number> = { critical: 30, high: 300, default: 1_800, low: 21_600 };

interface AttentionProps {
  queues: Queue[];
  figures: Figures;
  workers: Worker[] | null;
}

interface Item {
  key: string;
  isBad: boolean;
  text: ComponentChildren;
}

/** What somebody who was woken has to know first. */
export function Attention({ queues, figures, workers }: AttentionProps) {
  const items = [...queueItems(queues), ...workerItems(workers), ...failureItems(figures)];
  if (items.length === 0) {
    return <p class="notice notice-good"><Icon name="check" />{t("all_well")}</p>;
  }
  const isBad = items.some((item) => item.isBad);
  return (
    <div class={`notice ${isBad ? "notice-bad" : "notice-warn"}`}>
      <Icon name="warning" />
      <ul>{items.map((item) => <li key={item.key}>{item.text}</li>)}</ul>
    </div>
  );
}

function queueItems(queues: Queue[]): Item[] {
  return queues.flatMap((queue) => {
    const items: Item[] = [];
    if (queue.mode !== "open") {
      const text = t(queue.mode === "paused" ? "warn_paused" : "warn_draining", { queue: queue.name });
      items.push({ key: `${queue.name}-mode`, isBad: false, text });
    }
    const wait = queue.oldest_since ? secondsBetween(queue.oldest_since, null) : 0;
    if (queue.mode === "open" && wait > (longWait[queue.name] ?? 1_800)) {
      items.push({
        key: `${queue.name}-wait`,
        isBad: queue.name === "critical",
        text: t("warn_old", { queue: queue.name, wait: duration(wait) }),
      });
    }
    return items;
  });
}

function workerItems(workers: Worker[] | null): Item[] {
  if (!workers) return [];
  const missing = (["engine", "general"] as const).filter(
    (kind) => !workers.some((worker) => worker.kind === kind && !worker.ended_at),
  );
  const items: Item[] = missing.map((kind) => ({
    key: `no-${kind}`,
    isBad: true,
    text: t("warn_no_worker", { kind: word("kind", kind) }),
  }));
  const dead = workers.filter((worker) => worker.state === "dead").length;
  if (dead > 0) {
    const text = <>{t.count("warn_dead", dead)} <a href="/queue?view=workers">{t("look")}</a></>;
    items.push({ key: "dead", isBad: false, text });
  }
  return items;
}

function failureItems(figures: Figures): Item[] {
  const { failed, completed } = figures.ended;
  if (failed === 0) return [];
  const isBad = failed > 10 && failed > completed / 10;
  const text = (
    <>
      {t.count("warn_failed", failed)} <a href="/queue?view=tasks&state=discarded">{t("look")}</a>
    </>
  );
  return [{ key: "failed", isBad, text }];
}
