import { useSignal } from "@preact/signals";
import { get, post } from "../../api/client.ts";
import { type Part, usePaged } from "../../api/paged.ts";
import { ago, dateTime, number } from "../../i18n/format.ts";
import { Badge, type Tone } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Failed, Loading } from "../../ui/empty.tsx";
import { SelectField } from "../../ui/field.tsx";
import { More } from "../../ui/more.tsx";
import { Table } from "../../ui/table.tsx";
import { report, say } from "../../ui/toast.tsx";
import { t } from "./outside_words.ts";
import type { Webhook } from "./webhooks_view.tsx";
import { t as shared } from "./words.ts";

interface Delivery {
  id: string;
  event_id: string;
  event_type: string;
  status: "pending" | "delivered" | "failed";
  attempt_count: number;
  next_attempt_at: string | null;
  response_status: number | null;
  error: string | null;
  created_at: string;
  payload?: unknown;
}

const tones: Record<Delivery["status"], Tone> = { pending: "busy", delivered: "good", failed: "bad" };

export function Deliveries({ hook }: { hook: Webhook }) {
  const status = useSignal("");
  const shown = useSignal<Delivery | null>(null);
  const path = `/webhooks/${hook.id}/deliveries`;
  const list = usePaged<Delivery>(
    async (cursor, signal) => {
      const page = await get<Omit<Part<Delivery>, "items"> & { deliveries: Delivery[] }>(
        path, { status: status.value, cursor, limit: 25 }, signal);
      return { ...page, items: page.deliveries };
    },
    [status.value],
    3_000,
  );
  const replay = (delivery: Delivery): void => {
    post(`${path}/${delivery.id}/replay`)
      .then(() => {
        say(t("replayed"));
        list.reload();
      })
      .catch(report);
  };
  const show = (delivery: Delivery): void => {
    get<Delivery>(`${path}/${delivery.id}`)
      .then((whole) => {
        shown.value = whole;
      })
      .catch(report);
  };
  return (
    <section class="section deliveries" aria-labelledby="deliveries-title">
      <div class="section-head">
        <h2 id="deliveries-title">{t("deliveries")}: {hook.name}</h2>
        <SelectField
          label={t("state")}
          value={status.value}
          options={[["", shared("any")], ["pending", t("state_pending")], ["delivered", t("state_delivered")], ["failed", t("state_failed")]]}
          onChoose={(value) => {
            status.value = value;
          }}
        />
      </div>
      {list.failure && <Failed failure={list.failure} onRetry={list.reload} />}
      {!list.items && !list.failure && <Loading />}
      {list.items?.length === 0 && <p class="quiet">{t("no_deliveries")}</p>}
      {list.items && list.items.length > 0 && (
        <Table<Delivery>
          label={t("deliveries")}
          rows={list.items}
          keyOf={(delivery) => delivery.id}
          columns={[
            { key: "event", title: t("event"), cell: (each) => <span class="mono">{each.event_type}</span> },
            { key: "state", title: t("state"), cell: (each) => <Badge tone={tones[each.status]}>{t(`state_${each.status}`)}</Badge> },
            { key: "attempts", title: t("attempts"), isNumber: true, isMinor: true, cell: (each) => number(each.attempt_count) },
            {
              key: "answer",
              title: t("answer"),
              isMinor: true,
              cell: (each) => (
                <span class="twice">
                  <span>{each.response_status ?? "–"}</span>
                  {each.error && <span class="small quiet breaks">{each.error}</span>}
                </span>
              ),
            },
            {
              key: "when",
              title: t("when"),
              cell: (each) => (
                <span class="twice">
                  <time class="nowrap" dateTime={each.created_at} title={dateTime(each.created_at)}>{ago(each.created_at)}</time>
                  {each.next_attempt_at && <span class="small quiet">{t("next_try", { time: ago(each.next_attempt_at) })}</span>}
                </span>
              ),
            },
            {
              key: "act",
              title: "",
              cell: (each) => (
                <div class="row-actions">
                  <Button kind="quiet" icon="eye" label={t("payload")} onClick={() => show(each)} />
                  {each.status !== "pending" && <Button icon="retry" onClick={() => replay(each)}>{t("replay")}</Button>}
                </div>
              ),
            },
          ]}
        />
      )}
      <More list={list} />
      {shown.value && (
        <Dialog
          title={shown.value.event_type}
          size="large"
          onClose={() => {
            shown.value = null;
          }}
        >
          <pre class="code-block small" tabIndex={0}>{JSON.stringify(shown.value.payload, null, 2)}</pre>
        </Dialog>
      )}
    </section>
  );
}
