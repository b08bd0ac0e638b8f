import { useSignal } from "@preact/signals";
import { get, remove } from "../../api/client.ts";
import { useLoaded } from "../../api/loaded.ts";
import { ago, dateTime, number } from "../../i18n/format.ts";
import { Button } from "../../ui/button.tsx";
import { confirmed } from "../../ui/dialog.tsx";
import { Failed } from "../../ui/empty.tsx";
import { Table } from "../../ui/table.tsx";
import { report } from "../../ui/toast.tsx";
import { AutoscaleForm } from "./autoscale_form.tsx";
import { boundsOf, slotsOf } from "./autoscale_figures.ts";
import { everyMs } from "./live.ts";
import type { Autoscale } from "./queue_api.ts";
import { t, word } from "./words.ts";

/** Between how many slots the workers follow their load, and how to change that while they run. */
export function AutoscalePanel() {
  const changed = useSignal<Autoscale | null>(null);
  const loaded = useLoaded<{ kinds: Autoscale[] }>(
    (signal) => get("/admin/autoscale", {}, signal),
    [],
    { everyMs: everyMs(2_000) },
  );
  if (!loaded.data) {
    return loaded.failure ? <Failed failure={loaded.failure} onRetry={loaded.reload} /> : null;
  }
  const reset = async (kind: Autoscale): Promise<void> => {
    const isYes = await confirmed({
      title: t("scale_reset_title", { kind: word("kind", kind.kind) }), text: t("scale_reset_text"), action: t("scale_reset"),
    });
    if (!isYes) return;
    await remove(`/admin/autoscale/${kind.kind}`);
    loaded.reload();
  };
  return (
    <section class="section" aria-labelledby="autoscale-title">
      <h2 id="autoscale-title">{t("scale")}</h2>
      <p class="quiet small">{t("scale_text")}</p>
      {changed.value && (
        <AutoscaleForm scale={changed.value} onClose={() => { changed.value = null; }} onSaved={loaded.reload} />
      )}
      <Table<Autoscale>
        label={t("scale")}
        rows={loaded.data.kinds}
        keyOf={(kind) => kind.kind}
        columns={[
          { key: "kind", title: t("kind"), cell: (kind) => <strong>{word("kind", kind.kind)}</strong> },
          { key: "bounds", title: t("scale_bounds"), cell: (kind) => <Bounds kind={kind} /> },
          {
            key: "now",
            title: t("scale_now"),
            isMinor: true,
            cell: (kind) => {
              const { slots, busy } = slotsOf(kind);
              return kind.workers.length === 0 ? "–" : t("slots", { busy: number(busy), all: number(slots) });
            },
          },
          {
            key: "act",
            title: "",
            cell: (kind) => (
              <div class="row-actions">
                {kind.bounds && (
                  <Button kind="quiet" icon="undo" onClick={() => void reset(kind).catch(report)}>{t("scale_reset")}</Button>
                )}
                <Button
                  icon="edit"
                  label={t("scale_change", { kind: word("kind", kind.kind) })}
                  onClick={() => { changed.value = kind; }}
                />
              </div>
            ),
          },
        ]}
      />
    </section>
  );
}

/** What counts, and who said so. */
function Bounds({ kind }: { kind: Autoscale }) {
  const text = boundsOf(kind).map(({ min, max }) => t("scale_range", { min: number(min), max: number(max) })).join(", ");
  return (
    <span class="task-name">
      <span class="nowrap">{text || "–"}</span>
      {kind.bounds
        ? (
            <span class="small quiet" title={dateTime(kind.bounds.changed_at)}>
              {t("scale_set", { who: kind.bounds.changed_by, time: ago(kind.bounds.changed_at) })}
            </span>
          )
        : <span class="small quiet">{t("scale_configured")}</span>}
    </span>
  );
}
