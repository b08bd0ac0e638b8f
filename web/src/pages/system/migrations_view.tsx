import { get } from "../../api/client.ts";
import { useLoaded } from "../../api/loaded.ts";
import { Badge } from "../../ui/badge.tsx";
import { Failed, Loading } from "../../ui/empty.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Table } from "../../ui/table.tsx";
import { t, word } from "./words.ts";

interface Revision {
  id: string;
  message: string;
  revises: string[];
  created: string;
  is_head: boolean;
  is_current: boolean;
}

export interface SchemaView {
  state: "empty" | "behind" | "current" | "ahead";
  advice: string;
  applied: string[];
  heads: string[];
  pending: string[];
  revisions: Revision[];
}

export function MigrationsView() {
  const loaded = useLoaded<SchemaView>((signal) => get("/admin/migrations", {}, signal), []);
  if (!loaded.data) return loaded.failure ? <Failed failure={loaded.failure} onRetry={loaded.reload} /> : <Loading />;
  const schema = loaded.data;
  const isGood = schema.state === "current";
  const mark = (revision: Revision) => {
    if (schema.pending.includes(revision.id)) return <Badge tone="warn">{t("pending")}</Badge>;
    if (schema.applied.includes(revision.id)) return <Badge tone="good">{t("here")}</Badge>;
    return <Badge>{t("applied")}</Badge>;
  };
  return (
    <section class="section">
      <div class={`notice ${isGood ? "notice-good" : "notice-bad"}`}>
        <Icon name={isGood ? "check" : "warning"} />
        <p>{word("state", schema.state)} {schema.advice}</p>
      </div>
      <p class="quiet small">{t("migrations_text")}</p>
      <Table<Revision>
        label={t("view_migrations")}
        rows={schema.revisions}
        keyOf={(revision) => revision.id}
        columns={[
          { key: "id", title: t("revision"), cell: (revision) => <code>{revision.id}</code> },
          { key: "message", title: t("message"), cell: (revision) => revision.message },
          { key: "created", title: t("created"), isMinor: true, cell: (revision) => revision.created },
          { key: "state", title: t("status"), cell: mark },
        ]}
      />
    </section>
  );
}
