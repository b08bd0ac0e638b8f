import { ask, get } from "../../api/client.ts";
import { useLoaded } from "../../api/loaded.ts";
import { useModels } from "../../api/models.ts";
import { said } from "../../app/server_words.ts";
import { may } from "../../app/session.ts";
import { bytes, duration, number, percent } from "../../i18n/format.ts";
import { Badge, type Tone } from "../../ui/badge.tsx";
import { Failed, Loading } from "../../ui/empty.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Tile, Tiles } from "../../ui/tile.tsx";
import type { SchemaView } from "./migrations_view.tsx";
import { t, word } from "./words.ts";

interface Health {
  status: "healthy" | "degraded" | "unhealthy";
  uptime_seconds: number;
  success_rate: number;
  workers: Record<string, number>;
  database: string;
  disk_free_bytes: number;
}

interface Readiness {
  ready: boolean;
  checks: Record<string, unknown>;
}

interface State {
  health: Health;
  readiness: Readiness;
  version: string | null;
}

/** Both are answers even when they say 503: then they tell what is wrong. */
async function told<T>(path: string, signal: AbortSignal): Promise<T> {
  const answer = await fetch(path, { signal, headers: { Accept: "application/json" } });
  return (await answer.json()) as T;
}

async function load(signal: AbortSignal): Promise<State> {
  const [health, readiness, document] = await Promise.all([
    told<Health>("/health", signal),
    told<Readiness>("/readyz", signal),
    ask<{ info: { version: string } }>("GET", "/openapi.json", { signal }).catch(() => null),
  ]);
  return { health, readiness, version: document?.data.info.version ?? null };
}

const tones: Record<Health["status"], Tone> = { healthy: "good", degraded: "warn", unhealthy: "bad" };

export function HealthView() {
  const state = useLoaded<State>(load, [], { everyMs: 5_000 });
  if (!state.data) return state.failure ? <Failed failure={state.failure} onRetry={state.reload} /> : <Loading />;
  const { health, readiness, version } = state.data;
  const workers = Object.values(health.workers).reduce((sum, count) => sum + count, 0);
  const isLow = health.disk_free_bytes < 5e9;
  return (
    <div class="stack">
      <Tiles>
        <Tile label={t("status")} value={t(`status_${health.status}`)} tone={tones[health.status]} />
        <Tile label={t("uptime")} value={duration(health.uptime_seconds)} />
        <Tile label={t("success")} value={percent(health.success_rate / 100, 1)} tone={health.success_rate < 95 ? "warn" : "neutral"} />
        <Tile label={t("workers")} value={number(workers)} tone={workers === 0 ? "bad" : "neutral"} href="/queue?view=workers" />
        <Tile label={t("disk")} value={bytes(health.disk_free_bytes)} tone={isLow ? "warn" : "neutral"} />
        <Tile label={t("database")} value={health.database} />
        {version && <Tile label={t("version")} value={version} />}
      </Tiles>
      <div class="two-columns">
        <Checks readiness={readiness} />
        {may("transcribe") && <Models />}
      </div>
      <Schema />
    </div>
  );
}

function Checks({ readiness }: { readiness: Readiness }) {
  return (
    <section class="section card" aria-labelledby="checks-title">
      <div class="section-head">
        <h2 id="checks-title">{t("checks")}</h2>
        <p class="quiet small">{t("checks_text")}</p>
      </div>
      <ul class="checks-list">
        {Object.entries(readiness.checks).map(([name, verdict]) => {
          const text = typeof verdict === "string" ? verdict : JSON.stringify(verdict);
          const isGood = text === "ok";
          return (
            <li key={name} class={isGood ? "is-good" : "is-bad"}>
              <Icon name={isGood ? "check" : "warning"} />
              <strong>{word("check", name)}</strong>
              <span>{isGood ? t("check_ok") : said(text)}</span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function Models() {
  const models = useModels();
  return (
    <section class="section card" aria-labelledby="models-title">
      <div class="section-head">
        <h2 id="models-title">{t("models")}</h2>
        <p class="quiet small">{t("models_text")}</p>
      </div>
      {models.failure && <Failed failure={models.failure} onRetry={models.reload} />}
      <ul class="names">
        {(models.data ?? []).map((model) => (
          <li key={model.id}>
            <Badge tone={model.owned_by === "katip" ? "good" : "neutral"}>{model.id}</Badge>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Schema() {
  const schema = useLoaded<SchemaView>((signal) => get("/admin/migrations", {}, signal), []);
  if (!schema.data) return null;
  const isGood = schema.data.state === "current";
  return (
    <p class={`notice ${isGood ? "notice-good" : "notice-bad"}`}>
      <Icon name="database" />
      <span>
        {word("state", schema.data.state)} <a href="/system?view=migrations">{schema.data.applied.join(", ")}</a>
        {schema.data.advice && <> {schema.data.advice}</>}
      </span>
    </p>
  );
}
