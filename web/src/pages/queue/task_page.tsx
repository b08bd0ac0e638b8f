import { get } from "../../api/client.ts";
import { useLoaded } from "../../api/loaded.ts";
import type { PageProps } from "../../app/pages.ts";
import { brief, dateTime, number, percent } from "../../i18n/format.ts";
import { Badge, Progress } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { copyText } from "../../ui/copy.ts";
import { Failed, Loading } from "../../ui/empty.tsx";
import { NotThere, PageHead } from "../../ui/page.tsx";
import { report, say } from "../../ui/toast.tsx";
import "../../styles/operate.css";
import { changeWithQuestion } from "./bulk.ts";
import { everyMs } from "./live.ts";
import "./queue.css";
import { isEnded, type ListedTask, listTasks, secondsBetween, type Task, type TaskError } from "./queue_api.ts";
import { StateBadge } from "./task_name.tsx";
import { t } from "./words.ts";

/** The task itself, then what lists know beside it: the job. */
async function load(id: string, signal: AbortSignal): Promise<ListedTask> {
  const task = await get<Task>(`/tasks/${id}`, {}, signal);
  const list = await listTasks({ state: isEnded(task.state) ? task.state : "live", id, name: task.name }, null, 1, signal);
  return { job_id: null, source_name: null, ...list.tasks[0], ...task };
}

export default function TaskPage({ values }: PageProps) {
  const id = values.id ?? "";
  const loaded = useLoaded<ListedTask>((signal) => load(id, signal), [id], { everyMs: everyMs(2_000), moving: "queue" });
  const task = loaded.data;
  if (!task) {
    if (loaded.failure?.status === 404 || loaded.failure?.status === 422) {
      return <NotThere title={t("task_gone")}><a class="button" href="/queue?view=tasks">{t("back")}</a></NotThere>;
    }
    if (loaded.failure) return <Failed failure={loaded.failure} onRetry={loaded.reload} />;
    return <Loading rows={5} />;
  }
  return (
    <>
      <p class="crumb"><a href="/queue?view=tasks">{t("back")}</a></p>
      <PageHead title={task.name} {...(task.source_name && { text: task.source_name })}>
        <StateBadge state={task.state} />
        <Actions task={task} onDone={loaded.reload} />
      </PageHead>
      <div class="task-columns">
        <div class="stack">
          <Errors task={task} />
          <Value title={t("result")} value={task.result} empty={t("no_result")} isWaiting={!isEnded(task.state)} />
          <Value title={t("args")} value={task.args} empty="–" note={t("secrets_note")} />
        </div>
        <Facts task={task} />
      </div>
    </>
  );
}

function Actions({ task, onDone }: { task: ListedTask; onDone: () => void }) {
  const canRetry = ["discarded", "quarantined", "cancelled"].includes(task.state);
  const change = (verb: "retry" | "cancel") => void changeWithQuestion(verb, { ids: [task.id] }, onDone);
  return (
    <>
      <Button
        kind="quiet"
        icon="link"
        label={t("copy_link")}
        onClick={() => void copyText(location.href).then(() => say(t("copied")), report)}
      />
      {canRetry && <Button kind="primary" icon="retry" onClick={() => change("retry")}>{t("retry")}</Button>}
      {!isEnded(task.state) && <Button icon="stop" onClick={() => change("cancel")}>{t("cancel")}</Button>}
    </>
  );
}

function Errors({ task }: { task: ListedTask }) {
  return (
    <section class="section card" aria-labelledby="errors-title">
      <h2 id="errors-title">{t("errors")}</h2>
      {task.errors.length === 0 && <p class="quiet">{t("no_errors")}</p>}
      <ol class="attempts">
        {task.errors.map((error, i) => <AttemptError key={i} error={error} number={i + 1} />)}
      </ol>
    </section>
  );
}

function AttemptError({ error, number: position }: { error: TaskError; number: number }) {
  const { at, attempt, code, message, ...more } = error;
  return (
    <li>
      <p class="row">
        <strong>{t("attempt_number", { attempt: attempt ?? position })}</strong>
        {code && <Badge tone="bad">{code}</Badge>}
        {at && <time class="small quiet" dateTime={at}>{dateTime(at)}</time>}
      </p>
      {message && <p class="attempt-message">{message}</p>}
      {Object.keys(more).length > 0 && <pre class="code-block small">{JSON.stringify(more, null, 2)}</pre>}
    </li>
  );
}

interface ValueProps {
  title: string;
  value: unknown;
  empty: string;
  note?: string;
  isWaiting?: boolean;
}

function Value({ title, value, empty, note, isWaiting = false }: ValueProps) {
  if (isWaiting) return null;
  const isEmpty = value === null || (typeof value === "object" && Object.keys(value as object).length === 0);
  return (
    <section class="section card">
      <h2>{title}</h2>
      {isEmpty ? <p class="quiet">{empty}</p> : (
        <pre class="code-block small" tabIndex={0}>{JSON.stringify(value, null, 2)}</pre>
      )}
      {note && <p class="small quiet">{note}</p>}
    </section>
  );
}

function Facts({ task }: { task: ListedTask }) {
  const started = task.claimed_at;
  return (
    <section class="section card" aria-labelledby="facts-title">
      <h2 id="facts-title">{t("facts")}</h2>
      {task.state === "running" && (
        <div class="progress-cell">
          <Progress value={task.progress} label={t("progress")} />
          <span class="number small quiet">{percent(task.progress)}</span>
        </div>
      )}
      <dl class="facts">
        <dt>{t("queue")}</dt>
        <dd>{task.queue} · {t("priority")} {number(task.priority)}</dd>
        <dt>{t("attempts")}</dt>
        <dd>
          {t("attempt_of", { attempt: task.attempt, all: task.attempt_count_max })}
          {task.crash_count > 0 && ` · ${t("crashes")}: ${number(task.crash_count)}`}
        </dd>
        <Moment name={t("created")} at={task.created_at} />
        <Moment name={t("could_run")} at={task.run_at} />
        <Moment
          name={t("claimed")}
          at={started}
          note={started ? t("waited", { wait: brief(secondsBetween(task.run_at, started)) }) : ""}
        />
        <Moment
          name={t("finished")}
          at={task.finished_at}
          note={started && task.finished_at ? t("ran", { run: brief(secondsBetween(started, task.finished_at)) }) : ""}
        />
        {task.job_id && (
          <>
            <dt>{t("job")}</dt>
            <dd><a href={`/transcripts/${task.job_id}`}>{t("open_job")}</a> <span class="mono">{task.job_id}</span></dd>
          </>
        )}
        {task.request_id && (
          <>
            <dt>{t("request")}</dt>
            <dd>
              <span class="mono">{task.request_id}</span>{" "}
              <a href={`/system?view=logs&request_id=${encodeURIComponent(task.request_id)}`}>{t("see_log")}</a>
            </dd>
          </>
        )}
        {task.unique_key && <><dt>{t("unique_key")}</dt><dd class="mono">{task.unique_key}</dd></>}
        {task.worker_id && (
          <>
            <dt>{t("worker")}</dt>
            <dd><a class="mono" href={`/queue?view=tasks&state=ended&worker_id=${task.worker_id}`}>{task.worker_id}</a></dd>
          </>
        )}
        <dt>{t("id")}</dt>
        <dd class="mono">{task.id}</dd>
      </dl>
    </section>
  );
}

function Moment({ name, at, note }: { name: string; at: string | null; note?: string }) {
  if (!at) return null;
  return (
    <>
      <dt>{name}</dt>
      <dd><time dateTime={at}>{dateTime(at)}</time>{note && <span class="quiet small"> · {note}</span>}</dd>
    </>
  );
}
