import { useSignal } from "@preact/signals";
import { get } from "../../api/client.ts";
import { useLoaded } from "../../api/loaded.ts";
import { Badge } from "../../ui/badge.tsx";
import { Failed, Loading } from "../../ui/empty.tsx";
import { CheckField, Field } from "../../ui/field.tsx";
import { Table } from "../../ui/table.tsx";
import { helpText } from "./setting_help.ts";
import { t } from "./words.ts";

interface Setting {
  key: string;
  value: string;
  origin: string;
  help: string;
  is_secret: boolean;
}

interface Facts {
  version: string;
  environment: string;
  config_file: string;
  data_dir: string;
  log_dir: string;
  settings: Setting[];
}

/** A file with its line, a variable or a flag have names; nobody chose the default. */
const originText = ({ origin }: Setting): string => (origin === "default" ? t("origin_default") : origin);

export function SettingsView() {
  const loaded = useLoaded<Facts>((signal) => get("/admin/settings", {}, signal), []);
  const typed = useSignal("");
  const isOnlyChanged = useSignal(false);
  if (!loaded.data) return loaded.failure ? <Failed failure={loaded.failure} onRetry={loaded.reload} /> : <Loading />;
  const facts = loaded.data;
  const words = typed.value.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = facts.settings.filter((setting) => {
    const text = `${setting.key} ${setting.value} ${helpText(setting.help)} ${setting.origin}`.toLowerCase();
    return words.every((each) => text.includes(each)) && !(isOnlyChanged.value && setting.origin === "default");
  });
  return (
    <section class="section">
      <p class="quiet">{t("settings_text")}</p>
      <dl class="facts card">
        <dt>{t("environment")}</dt><dd>{facts.environment}</dd>
        <dt>{t("config_file")}</dt><dd class="mono">{facts.config_file || t("no_file")}</dd>
        <dt>{t("data_dir")}</dt><dd class="mono">{facts.data_dir}</dd>
        <dt>{t("log_dir")}</dt><dd class="mono">{facts.log_dir || t("no_file")}</dd>
      </dl>
      <div class="filters">
        <Field label={t("find_setting")}>
          {(id) => (
            <input
              id={id}
              type="search"
              value={typed.value}
              onInput={(event) => {
                typed.value = event.currentTarget.value;
              }}
            />
          )}
        </Field>
        <div class="field-wide">
          <CheckField
            label={t("only_changed")}
            isChecked={isOnlyChanged.value}
            onChange={(isChecked) => {
              isOnlyChanged.value = isChecked;
            }}
          />
        </div>
      </div>
      <Table<Setting>
        label={t("view_settings")}
        rows={shown}
        keyOf={(setting) => setting.key}
        columns={[
          {
            key: "key",
            title: t("setting"),
            cell: (setting) => (
              <span class="twice"><code>{setting.key}</code><span class="small quiet">{helpText(setting.help)}</span></span>
            ),
          },
          { key: "value", title: t("value"), cell: (setting) => <span class="mono breaks">{setting.value || "–"}</span> },
          {
            key: "origin",
            title: t("origin"),
            cell: (setting) => <Badge tone={setting.origin === "default" ? "neutral" : "busy"}>{originText(setting)}</Badge>,
          },
        ]}
      />
    </section>
  );
}
