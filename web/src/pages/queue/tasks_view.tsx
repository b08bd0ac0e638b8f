import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { url } from "../../api/client.ts";
import { useLoaded } from "../../api/loaded.ts";
import { query, setQuery } from "../../app/router.ts";
import { t as frame } from "../../app/words.ts";
import { ago, brief, dateTime, number } from "../../i18n/format.ts";
import { Button } from "../../ui/button.tsx";
import { Empty, Failed, Loading } from "../../ui/empty.tsx";
import { SelectField } from "../../ui/field.tsx";
import { Menu } from "../../ui/menu.tsx";
import { Table } from "../../ui/table.tsx";
import { report } from "../../ui/toast.tsx";
import { Typed } from "../../ui/typed.tsx";
import { changedSoFar, changeWithQuestion } from "./bulk.ts";
import { everyMs } from "./live.ts";
import { isEnded, type ListedTask, listTasks, secondsBetween, type TaskFilter, type TaskPage, verbsOf } from "./queue_api.ts";
import { StateBadge, TaskName } from "./task_name.tsx";
import { t, word } from "./words.ts";

const states = ["live", "available", "running", "scheduled", "retryable", "ended", "completed",
  "discarded", "quarantined", "cancelled"];
const queues = ["critical", "high", "default", "low"];
const pageSize = 50;
const pagesMax = 20;

function filterOfAddress(): TaskFilter {
  const of = (name: string): string | null => query.value.get(name);
  return {
    state: states.find((each) => each === of("state")) ?? "live",
    name: of("name"),
    queue: of("queue"),
    worker_id: of("worker_id"),
    request_id: of("request_id"),
    q: of("q"),
  };
}

/** Tasks by state, filtered; the first page follows what happens, further ones stand still. */
export function TasksView() {
  const filter = filterOfAddress();
  const parts = [filter.state, filter.name, filter.queue, filter.worker_id, filter.request_id, filter.q];
  const key = parts.join("\n");
  const more = useSignal<TaskPage[]>([]);
  const isLoadingMore = useSignal(false);
  const chosen = useSignal<Set<string>>(new Set());
  const isStill = more.value.length > 0 || chosen.value.size > 0;
  const first = useLoaded<{ key: string; page: TaskPage }>(
    async (signal) => ({ key, page: await listTasks(filter, null, pageSize, signal) }),
    parts,
    { everyMs: isStill ? 0 : everyMs(2_000), moving: "queue" },
  );
  useEffect(() => {
    more.value = [];
    chosen.value = new Set();
  }, [key]);

  const reload = (): void => {
    more.value = [];
    chosen.value = new Set();
    first.reload();
  };
  const shown = first.data?.key === key ? [first.data.page, ...more.value] : [];
  const last = shown.at(-1);
  const loadMore = (): void => {
    if (!last?.next_cursor || isLoadingMore.value) return;
    isLoadingMore.value = true;
    listTasks(filter, last.next_cursor, pageSize)
      .then((page) => {
        more.value = [...more.value, page];
      })
      .catch(report)
      .finally(() => {
        isLoadingMore.value = false;
      });
  };
  return (
    <div class="stack">
      <Filters filter={filter} />
      <Actions filter={filter} chosen={chosen.value} onDone={reload} />
      {first.failure && shown.length === 0 && <Failed failure={first.failure} onRetry={first.reload} />}
      {!first.failure && shown.length === 0 && <Loading rows={6} />}
      {last && (
        <Found
          tasks={shown.flatMap((page) => page.tasks)}
          isEnd={isEnded(filter.state)}
          chosen={chosen.value}
          onChoose={(keys) => {
            chosen.value = keys;
          }}
        />
      )}
      {last?.has_more && shown.length < pagesMax && (
        <More page={last} isBusy={isLoadingMore.value} onMore={loadMore} />
      )}
    </div>
  );
}

function More({ page, isBusy, onMore }: { page: TaskPage; isBusy: boolean; onMore: () => void }) {
  const place = page.searched_to;
  return (
    <p class="more">
      {place && <span class="quiet small">{t("searched_to", { time: dateTime(place) })}</span>}
      <Button icon="down" isBusy={isBusy} onClick={onMore}>
        {page.is_cut ? t("search_on") : frame("show_more")}
      </Button>
    </p>
  );
}

function Filters({ filter }: { filter: TaskFilter }) {
  const isFiltered = filter.name || filter.queue || filter.worker_id || filter.request_id || filter.q;
  return (
    <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
      <SelectField
        label={t("state")}
        value={filter.state}
        options={states.map((state) => [state, word("state", state)])}
        onChoose={(state) => setQuery({ state })}
      />
      <SelectField
        label={t("queue")}
        value={filter.queue ?? ""}
        options={[["", t("any")], ...queues.map((each): [string, string] => [each, each])]}
        onChoose={(queue) => setQuery({ queue })}
      />
      <Typed label={t("kind")} parameter="name" value={filter.name ?? ""} placeholder="transcription.process" />
      <div class="field-wide">
        <Typed label={t("search")} parameter="q" value={filter.q ?? ""} placeholder={t("search_hint")} />
      </div>
      {isFiltered && (
        <Button
          kind="quiet"
          icon="close"
          onClick={() => setQuery({ name: null, queue: null, worker_id: null, request_id: null, q: null })}
        >
          {t("clear")}
        </Button>
      )}
    </form>
  );
}

interface ActionsProps {
  filter: TaskFilter;
  chosen: Set<string>;
  onDone: () => void;
}

function Actions({ filter, chosen, onDone }: ActionsProps) {
  const verbs = verbsOf(filter.state);
  const file = (format: string): string => url("/admin/tasks/export", { ...filter, format });
  return (
    <div class="bar-of-chosen" role="toolbar" aria-label={t("view_tasks")}>
      {chosen.size > 0 && <strong class="number">{t.count("chosen", chosen.size)}</strong>}
      {chosen.size > 0 && verbs.map((verb) => (
        <Button
          key={verb}
          icon={verb === "retry" ? "retry" : "stop"}
          onClick={() => void changeWithQuestion(verb, { ids: [...chosen] }, onDone)}
        >
          {t(verb)}
        </Button>
      ))}
      {chosen.size === 0 && filter.state !== "ended" && verbs.map((verb) => (
        <Button
          key={verb}
          icon={verb === "retry" ? "retry" : "stop"}
          isBusy={changedSoFar.value !== null}
          onClick={() => void changeWithQuestion(verb, { filter }, onDone)}
        >
          {t(`${verb}_all`)}
        </Button>
      ))}
      {changedSoFar.value !== null && (
        <span role="status" class="quiet">{t("working", { count: number(changedSoFar.value) })}</span>
      )}
      <Menu icon="download" text={t("export")}>
        <a href={file("csv")} download>{t("export_csv")}</a>
        <a href={file("json")} download>{t("export_json")}</a>
      </Menu>
    </div>
  );
}

interface FoundProps {
  tasks: ListedTask[];
  isEnd: boolean;
  chosen: Set<string>;
  onChoose: (keys: Set<string>) => void;
}

function Found({ tasks, isEnd, chosen, onChoose }: FoundProps) {
  if (tasks.length === 0) {
    return <Empty icon="queue" title={t("no_tasks")} text={t("no_tasks_text")} />;
  }
  return (
    <Table<ListedTask>
      label={t("view_tasks")}
      rows={tasks}
      keyOf={(task) => task.id}
      chosen={{
        keys: chosen,
        set: onChoose,
        label: t("choose"),
        nameOf: (task) => `${task.name} ${task.source_name ?? task.id.slice(-6)}`,
      }}
      columns={[
        { key: "task", title: t("task"), cell: (task) => <TaskName task={task} /> },
        { key: "state", title: t("state"), cell: (task) => <StateBadge state={task.state} /> },
        { key: "queue", title: t("queue"), isMinor: true, cell: (task) => task.queue },
        { key: "priority", title: t("priority"), isNumber: true, isMinor: true, cell: (task) => number(task.priority) },
        {
          key: "attempt",
          title: t("attempts"),
          isNumber: true,
          isMinor: true,
          cell: (task) => t("attempt_of", { attempt: task.attempt, all: task.attempt_count_max }),
        },
        { key: "when", title: t("when"), cell: (task) => <When task={task} /> },
        {
          key: "took",
          title: t("took"),
          isNumber: true,
          isMinor: true,
          cell: (task) => (task.claimed_at ? brief(secondsBetween(task.claimed_at, task.finished_at)) : "–"),
        },
        ...(isEnd ? [{ key: "error", title: t("last_error"), isMinor: true, cell: lastError }] : []),
      ]}
    />
  );
}

function When({ task }: { task: ListedTask }) {
  const at = task.finished_at ?? (task.state === "running" ? task.claimed_at : task.run_at) ?? task.created_at;
  const text = ago(at);
  const isDue = task.state === "scheduled" || task.state === "retryable";
  return <time class="nowrap" dateTime={at} title={dateTime(at)}>{isDue ? t("due", { time: text }) : text}</time>;
}

function lastError(task: ListedTask) {
  const error = task.errors.at(-1);
  if (!error || task.state === "completed") return null;
  return <span class="error-short" title={error.message}>{error.message ?? error.code}</span>;
}
