import type { ComponentType } from "preact";
import type { Scope } from "../../api/types.ts";
import { query } from "../../app/router.ts";
import { may, principal } from "../../app/session.ts";
import { t as shared } from "../../app/words.ts";
import { PageHead } from "../../ui/page.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import "../../styles/operate.css";
import { AuditView } from "./audit_view.tsx";
import { BackupsView } from "./backups_view.tsx";
import { HealthView } from "./health_view.tsx";
import { KeysView } from "./keys_view.tsx";
import { LogsView } from "./logs_view.tsx";
import { MigrationsView } from "./migrations_view.tsx";
import { PlotsView } from "./plots_view.tsx";
import { SettingsView } from "./settings_view.tsx";
import "./system.css";
import { UsersView } from "./users_view.tsx";
import { WebhooksView } from "./webhooks_view.tsx";
import { t } from "./words.ts";

/** Keys are made by people and by administrators: not at the dashboard's own port, say. */
const mayHaveKeys = (): boolean => may("admin") || principal.value?.kind === "user";

interface View {
  key: "health" | "plots" | "backups" | "migrations" | "logs" | "keys" | "users" | "webhooks" | "settings" | "audit";
  scope: Scope;
  part: ComponentType;
}

const views: View[] = [
  { key: "health", scope: "operate", part: HealthView },
  { key: "plots", scope: "operate", part: PlotsView },
  { key: "backups", scope: "operate", part: BackupsView },
  { key: "migrations", scope: "operate", part: MigrationsView },
  { key: "logs", scope: "operate", part: LogsView },
  { key: "keys", scope: "operate", part: KeysView },
  { key: "users", scope: "admin", part: UsersView },
  { key: "webhooks", scope: "webhooks", part: WebhooksView },
  { key: "settings", scope: "admin", part: SettingsView },
  { key: "audit", scope: "admin", part: AuditView },
];

export default function SystemPage() {
  const shown = views.filter((view) => may(view.scope) && (view.key !== "keys" || mayHaveKeys()));
  const asked = query.value.get("view");
  const view = shown.find((each) => each.key === asked) ?? shown[0];
  if (!view) return null;
  const Part = view.part;
  return (
    <>
      <PageHead title={shared("page_system")} text={t("lead")} />
      <Tabs
        label={t("views")}
        parameter="view"
        chosen={view.key}
        drops={["channel", "level", "request_id", "q", "hours", "actor", "action", "target_kind", "webhook"]}
        tabs={shown.map((each) => ({ key: each.key, text: t(`view_${each.key}`) }))}
      />
      <Part key={view.key} />
    </>
  );
}
