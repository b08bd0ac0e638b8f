import { useSignal } from "@preact/signals";
import { Fragment } from "preact";
import { get } from "../../api/client.ts";
import { type Part, usePaged } from "../../api/paged.ts";
import { query, setQuery } from "../../app/router.ts";
import { may } from "../../app/session.ts";
import { t as frame } from "../../app/words.ts";
import { dateTime } from "../../i18n/format.ts";
import { locale } from "../../i18n/language.ts";
import { Badge, type Tone } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { Empty, Failed, Loading } from "../../ui/empty.tsx";
import { SelectField } from "../../ui/field.tsx";
import { Typed } from "../../ui/typed.tsx";
import { t } from "./words.ts";

interface Line {
  ts?: string;
  level?: string;
  logger?: string;
  message: string;
  [field: string]: unknown;
}

const levels = ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"];
const channels = ["app", "api", "error", "audit"] as const;
const tones: Record<string, Tone> = { WARNING: "warn", ERROR: "bad", CRITICAL: "bad", INFO: "neutral" };

export function LogsView() {
  const of = (name: string): string => query.value.get(name) ?? "";
  const channel = channels.find((each) => each === of("channel")) ?? (of("request_id") ? "api" : "app");
  const filter = { channel, level: of("level"), request_id: of("request_id"), q: of("q") };
  const isFollowing = useSignal(false);
  const list = usePaged<Line>(
    (cursor, signal) => get<Part<Line>>("/admin/logs", { ...filter, cursor, limit: 100 }, signal),
    Object.values(filter),
    isFollowing.value ? 2_000 : 0,
  );
  const oldest = list.items?.at(-1)?.ts;
  return (
    <section class="section">
      <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
        <SelectField
          label={t("channel")}
          value={channel}
          options={channels
            .filter((each) => each !== "audit" || may("admin"))
            .map((each): [string, string] => [each, t(`channel_${each}`)])}
          onChoose={(value) => setQuery({ channel: value })}
        />
        <SelectField
          label={t("level")}
          value={filter.level}
          options={[["", t("any")], ...levels.slice(1).map((each): [string, string] => [each, t("level_from", { level: each })])]}
          onChoose={(value) => setQuery({ level: value })}
        />
        <Typed label={t("request_id")} parameter="request_id" value={filter.request_id} />
        <Typed label={t("search")} parameter="q" value={filter.q} placeholder={t("logs_hint")} />
        <Button
          icon={isFollowing.value ? "pause" : "play"}
          isPressed={isFollowing.value}
          onClick={() => {
            isFollowing.value = !isFollowing.value;
          }}
        >
          {t(isFollowing.value ? "hold" : "follow")}
        </Button>
      </form>
      {list.failure && <Failed failure={list.failure} onRetry={list.reload} />}
      {!list.items && !list.failure && <Loading rows={8} />}
      {list.items?.length === 0 && !list.last?.has_more && (
        <Empty icon="text" title={t("no_lines")} text={t("no_lines_text")} />
      )}
      {list.items && list.items.length > 0 && (
        <ol class="log-lines" aria-label={t("view_logs")}>
          {list.items.map((line, i) => <LogLine key={`${line.ts}-${i}`} line={line} />)}
        </ol>
      )}
      {list.last?.has_more && (
        <p class="more">
          {list.last.is_cut && oldest && <span class="small quiet">{t("searched_to", { time: dateTime(oldest) })}</span>}
          <Button icon="down" isBusy={list.isBusy} onClick={list.more}>
            {list.last.is_cut ? t("search_on") : frame("show_more")}
          </Button>
        </p>
      )}
    </section>
  );
}

function timeOf(iso: string): string {
  const time = new Date(iso);
  const isToday = time.toDateString() === new Date().toDateString();
  return new Intl.DateTimeFormat(locale.value, {
    ...(!isToday && { day: "2-digit", month: "2-digit" }),
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    fractionalSecondDigits: 3,
  }).format(time);
}

const told = new Set(["ts", "level", "logger", "message", "pid"]);

/** What a line says in short; opened, all of its fields. */
function LogLine({ line }: { line: Line }) {
  const more = Object.entries(line).filter(([name]) => !told.has(name));
  const short = more.map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  return (
    <li>
      <details>
        <summary>
          {line.ts && <time class="mono" dateTime={line.ts} title={dateTime(line.ts)}>{timeOf(line.ts)}</time>}
          {line.level && <Badge tone={tones[line.level] ?? "neutral"}>{line.level}</Badge>}
          <span class="log-logger quiet">{line.logger}</span>
          <span class="log-text"><strong>{line.message}</strong> <span class="mono quiet">{short.join(" ")}</span></span>
        </summary>
        <dl class="facts small">
          {Object.entries(line).map(([name, value]) => (
            <Fragment key={name}>
              <dt>{name}</dt>
              <dd class="mono">
                {name === "request_id" && typeof value === "string"
                  ? <button type="button" class="link" onClick={() => setQuery({ request_id: value })}>{value}</button>
                  : name === "task_id" && typeof value === "string"
                    ? <a href={`/queue/tasks/${value}`}>{value}</a>
                    : typeof value === "string" ? value : JSON.stringify(value)}
              </dd>
            </Fragment>
          ))}
        </dl>
      </details>
    </li>
  );
}
