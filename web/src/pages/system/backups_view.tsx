import { get, post } from "../../api/client.ts";
import { useLoaded } from "../../api/loaded.ts";
import { ago, bytes, dateTime, duration, number } from "../../i18n/format.ts";
import { Badge, type Tone } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { Empty, Failed, Loading } from "../../ui/empty.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Table } from "../../ui/table.tsx";
import { Tile, Tiles } from "../../ui/tile.tsx";
import { report, say } from "../../ui/toast.tsx";
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

export function BackupsView() {
  const list = useLoaded<{ backups: Backup[] }>((signal) => get("/admin/backups", { limit: 100 }, signal), [], { everyMs: 3_000 });
  const stats = useLoaded<Stats>((signal) => get("/admin/backups/stats", {}, signal), [], { everyMs: 3_000 });
  const failure = list.failure ?? stats.failure;
  if (failure?.status === 404) return <Empty icon="database" title={t("backups_missing")} />;
  if (!list.data || !stats.data) return failure ? <Failed failure={failure} onRetry={list.reload} /> : <Loading />;
  const start = (path: string, word: "backup_started" | "verify_started"): void => {
    post(path)
      .then(() => {
        say(t(word));
        list.reload();
      })
      .catch(report);
  };
  return (
    <section class="section">
      <div class="section-head">
        <p class="quiet">{t("backups_text")}</p>
        <Button kind="primary" icon="database" onClick={() => start("/admin/backups", "backup_started")}>{t("backup_now")}</Button>
      </div>
      <Warnings stats={stats.data} />
      <Figures stats={stats.data} />
      {list.data.backups.length === 0
        ? <Empty icon="database" title={t("backups_none")} text={t("backups_none_text")} />
        : <Backups backups={list.data.backups} onVerify={(backup) => start(`/admin/backups/${backup.id}/verify`, "verify_started")} />}
    </section>
  );
}

function Warnings({ stats }: { stats: Stats }) {
  if (!stats.is_overdue && !stats.last_failure) return null;
  return (
    <div class={`notice ${stats.is_overdue ? "notice-bad" : "notice-warn"}`}>
      <Icon name="warning" />
      <ul>
        {stats.is_overdue && <li>{t("overdue")}</li>}
        {stats.last_failure && <li>{t("last_failure", { time: dateTime(stats.last_failure.at), error: stats.last_failure.error })}</li>}
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
        { key: "kind", title: t("kind"), isMinor: true, cell: (backup) => t(`kind_${backup.kind}`) },
        { key: "status", title: t("state"), cell: (backup) => <Badge tone={tones[backup.status]}>{t(`status_${backup.status}`)}</Badge> },
        { key: "size", title: t("size"), isNumber: true, cell: (backup) => (backup.size === null ? "–" : bytes(backup.size)) },
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
            <div class="row-actions"><Button onClick={() => onVerify(backup)}>{t("verify")}</Button></div>
          ),
        },
      ]}
    />
  );
}
