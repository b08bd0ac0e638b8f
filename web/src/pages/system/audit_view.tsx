import { get, url } from "../../api/client.ts";
import { type Part, usePaged } from "../../api/paged.ts";
import { query, setQuery } from "../../app/router.ts";
import { ago, dateTime } from "../../i18n/format.ts";
import { Button } from "../../ui/button.tsx";
import { Empty, Failed, Loading } from "../../ui/empty.tsx";
import { Field } from "../../ui/field.tsx";
import { Menu } from "../../ui/menu.tsx";
import { More } from "../../ui/more.tsx";
import { Table } from "../../ui/table.tsx";
import { Typed } from "../../ui/typed.tsx";
import { t } from "./words.ts";

interface Entry {
  id: string;
  created_at: string;
  actor_kind: string;
  actor: string;
  action: string;
  target_kind: string | null;
  target_id: string | null;
  request_id: string | null;
  ip: string | null;
  details: Record<string, unknown>;
}

export function AuditView() {
  const of = (name: string): string => query.value.get(name) ?? "";
  const filter = {
    actor: of("actor"), action: of("action"), target_kind: of("target_kind"),
    created_from: instantOf(of("from")), created_before: instantOf(of("to")),
  };
  const isFiltered = Object.values(filter).some(Boolean);
  const file = (format: string): string => url("/admin/audit/export", { ...filter, format });
  const list = usePaged<Entry>(
    (cursor, signal) => get<Part<Entry>>("/admin/audit", { ...filter, cursor, limit: 50 }, signal),
    Object.values(filter),
  );
  return (
    <section class="section">
      <p class="quiet">{t("audit_text")}</p>
      <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
        <Typed label={t("filter_actor")} parameter="actor" value={filter.actor} />
        <Typed label={t("filter_action")} parameter="action" value={filter.action} placeholder="queue.pause" />
        <Typed label={t("filter_kind")} parameter="target_kind" value={filter.target_kind} placeholder="api_key" />
        <TimeField label={t("filter_from")} parameter="from" />
        <TimeField label={t("filter_to")} parameter="to" />
        {isFiltered && (
          <Button
            kind="quiet"
            icon="close"
            onClick={() => setQuery({ actor: null, action: null, target_kind: null, from: null, to: null })}
          >
            {t("clear")}
          </Button>
        )}
      </form>
      <div class="row">
        <Menu icon="download" text={t("audit_save")}>
          <a href={file("csv")} download>{t("audit_csv")}</a>
          <a href={file("jsonl")} download>{t("audit_jsonl")}</a>
        </Menu>
      </div>
      {list.failure && <Failed failure={list.failure} onRetry={list.reload} />}
      {!list.items && !list.failure && <Loading rows={6} />}
      {list.items?.length === 0 && <Empty icon="shield" title={t("audit_none")} />}
      {list.items && list.items.length > 0 && <Entries entries={list.items} />}
      <More list={list} />
    </section>
  );
}

/** "2026-11-22T09:30", as a browser gives it in its own time, as an instant; "" for none. */
function instantOf(local: string): string {
  const time = new Date(local);
  return local && !Number.isNaN(time.getTime()) ? time.toISOString() : "";
}

function TimeField({ label, parameter }: { label: string; parameter: string }) {
  return (
    <Field label={label}>
      {(id) => (
        <input
          id={id}
          type="datetime-local"
          value={query.value.get(parameter) ?? ""}
          onChange={(event) => setQuery({ [parameter]: event.currentTarget.value || null })}
        />
      )}
    </Field>
  );
}

function Entries({ entries }: { entries: Entry[] }) {
  return (
    <Table<Entry>
      label={t("view_audit")}
      rows={entries}
      keyOf={(entry) => entry.id}
      columns={[
        {
          key: "when",
          title: t("when"),
          cell: (entry) => (
            <span class="twice">
              <time class="nowrap" dateTime={entry.created_at} title={dateTime(entry.created_at)}>{ago(entry.created_at)}</time>
              {entry.request_id && (
                <a class="small" href={`/system?view=logs&request_id=${encodeURIComponent(entry.request_id)}`}>{t("its_log")}</a>
              )}
            </span>
          ),
        },
        {
          key: "who",
          title: t("who"),
          cell: (entry) => (
            <span class="twice">
              <button type="button" class="link" onClick={() => setQuery({ actor: entry.actor })}>{entry.actor}</button>
              <span class="small quiet">{entry.actor_kind}</span>
            </span>
          ),
        },
        {
          key: "did",
          title: t("did"),
          cell: (entry) => (
            <button type="button" class="link mono" onClick={() => setQuery({ action: entry.action })}>{entry.action}</button>
          ),
        },
        {
          key: "what",
          title: t("what"),
          cell: (entry) => (
            <span class="twice">
              <span class="mono breaks">{entry.target_id ?? "–"}</span>
              {entry.target_kind && <span class="small quiet">{entry.target_kind}</span>}
            </span>
          ),
        },
        {
          key: "details",
          title: t("details"),
          isMinor: true,
          cell: (entry) => (Object.keys(entry.details).length > 0
            ? <span class="mono small breaks">{JSON.stringify(entry.details)}</span>
            : null),
        },
        { key: "ip", title: t("ip"), isMinor: true, cell: (entry) => <span class="mono">{entry.ip ?? "–"}</span> },
      ]}
    />
  );
}
