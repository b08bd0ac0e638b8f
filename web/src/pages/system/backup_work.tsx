import type { Signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { get } from "../../api/client.ts";
import { useLoaded } from "../../api/loaded.ts";
import { t as frame } from "../../app/words.ts";
import { duration, number } from "../../i18n/format.ts";
import { Progress } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { Icon } from "../../ui/icon.tsx";
import { say } from "../../ui/toast.tsx";
import { t } from "./outside_words.ts";

/** A task about backups that this page has started. */
export interface Work {
  id: string;
  kind: "create" | "verify" | "drill";
  /** Of the backup, where it is about one. */
  name?: string;
}

interface Task {
  status: "processing" | "ready" | "failed";
  progress: number;
  errors: { message?: string }[];
  result: { name?: string; seconds?: number; row_count?: number } | null;
}

const everyMs = 1_000;

interface WorksProps {
  works: Signal<Work[]>;
  onEnd: () => void;
}

/** What was started here: how far it is, and what went wrong until somebody has read it. */
export function Works({ works, onEnd }: WorksProps) {
  const leave = (id: string): void => {
    works.value = works.value.filter((each) => each.id !== id);
  };
  return (
    <>
      {works.value.map((work) => (
        <WorkInHand key={work.id} work={work} onEnd={onEnd} onLeave={() => leave(work.id)} />
      ))}
    </>
  );
}

function WorkInHand({ work, onEnd, onLeave }: { work: Work; onEnd: () => void; onLeave: () => void }) {
  const task = useLoaded<Task>((signal) => get(`/tasks/${work.id}`, {}, signal), [work.id], { everyMs });
  const status = task.data?.status ?? "processing";
  useEffect(() => {
    if (status === "processing") return;
    onEnd();
    if (status !== "ready") return;
    say(doneText(work, task.data?.result ?? {}));
    onLeave();
  }, [status]);

  const error = task.data?.errors.at(-1)?.message;
  if (status === "failed") {
    return (
      <div class="notice notice-bad" role="alert">
        <Icon name="warning" />
        <p class="grows">
          {t(`${work.kind}_failed`, { name: work.name ?? "" })} {error}{" "}
          <a href={`/queue/tasks/${work.id}`}>{t("show_task")}</a>
        </p>
        <Button kind="quiet" icon="close" label={frame("close")} onClick={onLeave} />
      </div>
    );
  }
  return (
    <div class="notice">
      <Icon name="database" />
      <div class="grows">
        <p>{t(`${work.kind}_runs`, { name: work.name ?? "" })}</p>
        {error && <p class="small backup-error">{t("tried_again", { error })}</p>}
        <Progress value={task.data?.progress ?? 0} label={t("how_far")} />
      </div>
    </div>
  );
}

function doneText(work: Work, result: NonNullable<Task["result"]>): string {
  if (work.kind === "create") return t("create_done", { name: result.name ?? "" });
  return t("proof_done", {
    name: result.name ?? work.name ?? "",
    rows: number(result.row_count ?? 0),
    time: duration(result.seconds ?? 0),
  });
}
