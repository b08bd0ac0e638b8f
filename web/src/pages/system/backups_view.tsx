import { useSignal } from "@preact/signals";
import { get, post } from "../../api/client.ts";
import { useLoaded } from "../../api/loaded.ts";
import { ago, bytes, dateTime, duration, number } from "../../i18n/format.ts";
import { Badge, type Tone } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { Empty, Failed, Loading } from "../../ui/empty.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Table } from "../../ui/table.tsx";
import { Tile, Tiles } from "../../ui/tile.tsx";
import { report } from "../../ui/toast.tsx";
import { type Work, Works } from "./backup_work.tsx";
import { t } from "./outside_words.ts";
import { t as shared } from "./words.ts";

interface Backup {
  id: string;
  name: string;
  kind: "daily" | "weekly" | "monthly" | "manual" | "safety";
  status: "running" | "completed" | "verified" | "failed";
  size: number | null;
  schema_head: string | null;
  encrypted: boolean;
  started_at: string;
  completed_at: string | null;
  error: string | null;
  media: { count: number; size: number } | null;
}

interface Stats {
  count: number;
  verified_count: number;
  size: number;
  is_overdue: boolean;
  last_success_at: string | null;
  last_duration_s: number;
  last_failure: { at: string; error: string } | null;
  drill: { at: string; is_good: boolean; seconds: number } | null;
  next_at: string | null;
}

const tones: Record<Backup["status"], Tone> = { running: "busy", completed: "neutral", verified: "good", failed: "bad" };

/** The newest one is restored as an exercise; a second click is the same exercise. */
const drill = { name: "backup.drill", unique_key: "backup.drill" };

export function BackupsView() {
  const works = useSignal<Work[]>([]);
  const list = useLoaded<{ backups: Backup[] }>((signal) => get("/admin/backups", { limit: 100 }, signal), [], { everyMs: 3_000 });
  const stats = useLoaded<Stats>((signal) => get("/admin/backups/stats", {}, signal), [], { everyMs: 3_000 });
  const failure = list.failure ?? stats.failure;
  if (failure?.status === 404) return <Empty icon="database" title={t("backups_missing")} />;
  if (!list.data || !stats.data) return failure ? <Failed failure={failure} onRetry={list.reload} /> : <Loading />;
  const start = (path: string, work: Omit<Work, "id">, body?: object): void => {
    post<{ task_id: string }>(path, body)
      .then(({ task_id: id }) => {
        if (!works.value.some((each) => each.id === id)) works.value = [...works.value, { ...work, id }];
        list.reload();
      })
      .catch(report);
  };
  const verify = (backup: Backup): void =>
    start(`/admin/backups/${backup.id}/verify`, { kind: "verify", name: backup.name });
  const reload = (): void => {
    list.reload();
    stats.reload();
  };
  return (
    <section class="section">
      <div class="section-head">
        <p class="quiet">{t("backups_text")}</p>
        <div class="row">
          {list.data.backups.length > 0 && (
            <Button onClick={() => start("/tasks", { kind: "drill" }, drill)}>{t("drill_now")}</Button>
          )}
          <Button kind="primary" icon="database" onClick={() => start("/admin/backups", { kind: "create" })}>
            {t("backup_now")}
          </Button>
        </div>
      </div>
      <Works works={works} onEnd={reload} />
      <Warnings stats={stats.data} />
      <Figures stats={stats.data} />
      {list.data.backups.length === 0
        ? <Empty icon="database" title={t("backups_none")} text={t("backups_none_text")} />
        : <Backups backups={list.data.backups} onVerify={verify} />}
    </section>
  );
}

/** A failure that a success has followed is in the list, and nobody has to do anything about it. */
function openFailure({ last_failure: failure, last_success_at: success }: Stats): Stats["last_failure"] {
  return failure && (!success || success < failure.at) ? failure : null;
}

function Warnings({ stats }: { stats: Stats }) {
  const failure = openFailure(stats);
  if (!stats.is_overdue && !failure) return null;
  return (
    <div class={`notice ${stats.is_overdue ? "notice-bad" : "notice-warn"}`}>
      <Icon name="warning" />
      <ul>
        {stats.is_overdue && <li>{t("overdue")}</li>}
        {failure && <li>{t("last_failure", { time: dateTime(failure.at), error: failure.error })}</li>}
      </ul>
    </div>
  );
}

function Figures({ stats }: { stats: Stats }) {
  const drill = stats.drill;
  return (
    <Tiles>
      <Tile
        label={t("last_good")}
        value={stats.last_success_at ? ago(stats.last_success_at) : t("never")}
        tone={stats.is_overdue ? "bad" : "good"}
      />
      <Tile label={t("kept")} value={number(stats.count)} note={t("kept_note", { count: number(stats.verified_count) })} />
      <Tile label={t("size")} value={bytes(stats.size)} />
      <Tile label={t("took")} value={stats.last_duration_s > 0 ? duration(stats.last_duration_s) : "–"} />
      <Tile label={t("next")} value={stats.next_at ? ago(stats.next_at) : "–"} />
      {drill && <Tile label={t("drill")} value={ago(drill.at)} note={t(drill.is_good ? "drill_good" : "drill_bad")} tone={drill.is_good ? "good" : "bad"} />}
    </Tiles>
  );
}

/** How many recordings it has and how large they are; a dash for one that was made without. */
function recordingsOf({ media }: Backup) {
  if (!media) return "–";
  return (
    <span class="twice">
      <span>{number(media.count)}</span>
      <span class="small quiet nowrap">{bytes(media.size)}</span>
    </span>
  );
}

function Backups({ backups, onVerify }: { backups: Backup[]; onVerify: (backup: Backup) => void }) {
  return (
    <Table<Backup>
      label={shared("view_backups")}
      rows={backups}
      keyOf={(backup) => backup.id}
      columns={[
        {
          key: "name",
          title: shared("name"),
          cell: (backup) => (
            <span class="twice">
              <span class="mono breaks">{backup.name}</span>
              {backup.error && <span class="small backup-error">{backup.error}</span>}
              {backup.encrypted && <span class="small quiet">{t("encrypted")}</span>}
            </span>
          ),
        },
        { key: "kind", title: t("kind"), isMinor: true, cell: (backup) => <span class="nowrap">{t(`kind_${backup.kind}`)}</span> },
        { key: "status", title: t("state"), cell: (backup) => <Badge tone={tones[backup.status]}>{t(`status_${backup.status}`)}</Badge> },
        { key: "size", title: t("size"), isNumber: true, cell: (backup) => (backup.size === null ? "–" : bytes(backup.size)) },
        { key: "media", title: t("recordings"), isNumber: true, isMinor: true, cell: recordingsOf },
        {
          key: "when",
          title: t("when"),
          isMinor: true,
          cell: (backup) => <time class="nowrap" dateTime={backup.started_at}>{dateTime(backup.started_at)}</time>,
        },
        { key: "schema", title: shared("schema"), isMinor: true, cell: (backup) => <code>{backup.schema_head ?? "–"}</code> },
        {
          key: "act",
          title: "",
          cell: (backup) => (backup.status === "completed" || backup.status === "verified") && (
            <div class="row-actions"><Button icon="check" onClick={() => onVerify(backup)}>{t("verify")}</Button></div>
          ),
        },
      ]}
    />
  );
}
