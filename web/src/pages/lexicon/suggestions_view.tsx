import { useSignal } from "@preact/signals";
import { post } from "../../api/client.ts";
import { useLoaded } from "../../api/loaded.ts";
import { usePaged } from "../../api/paged.ts";
import { may } from "../../app/session.ts";
import { languageName, number } from "../../i18n/format.ts";
import { Button } from "../../ui/button.tsx";
import { Empty, Failed, Loading } from "../../ui/empty.tsx";
import { More } from "../../ui/more.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import { report, say } from "../../ui/toast.tsx";
import { type Evidence, evidenceOf, listSuggestions, type Term } from "./lexicon_api.ts";
import { t } from "./words.ts";

export function SuggestionsView() {
  const list = usePaged<Term>(listSuggestions, []);
  const chosen = useSignal<Set<string>>(new Set());
  const isBusy = useSignal(false);
  const decide = (verb: "approve" | "reject", ids: string[]): void => {
    isBusy.value = true;
    decideAll(verb, ids)
      .then(() => {
        say(t.count(verb === "approve" ? "approved" : "rejected", ids.length));
      })
      .catch(report)
      .finally(() => {
        isBusy.value = false;
        chosen.value = new Set();
        list.reload();
      });
  };
  if (!list.items) return list.failure ? <Failed failure={list.failure} onRetry={list.reload} /> : <Loading rows={5} />;
  if (list.items.length === 0) {
    return <Empty icon="check" title={t("suggestions_none")} text={t("suggestions_none_text")} />;
  }
  const ids = [...chosen.value];
  return (
    <section class="section">
      <p class="quiet">{t("suggestions_text")}</p>
      {ids.length > 0 && (
        <div class="bar-of-chosen" role="group" aria-label={t.count("chosen", ids.length)}>
          <strong>{t.count("chosen", ids.length)}</strong>
          <Button kind="primary" icon="check" isBusy={isBusy.value} onClick={() => decide("approve", ids)}>{t("approve_chosen")}</Button>
          <Button icon="close" isBusy={isBusy.value} onClick={() => decide("reject", ids)}>{t("reject_chosen")}</Button>
        </div>
      )}
      <Suggestions
        terms={list.items}
        chosen={chosen.value}
        onChoose={(keys) => {
          chosen.value = keys;
        }}
        onDecide={decide}
      />
      <More list={list} />
    </section>
  );
}

async function decideAll(verb: "approve" | "reject", ids: string[]): Promise<void> {
  for (const id of ids) await post(`/lexicon/suggestions/${id}/${verb}`);
}

interface SuggestionsProps {
  terms: Term[];
  chosen: Set<string>;
  onChoose: (keys: Set<string>) => void;
  onDecide: (verb: "approve" | "reject", ids: string[]) => void;
}

function Suggestions({ terms, chosen, onChoose, onDecide }: SuggestionsProps) {
  const mayDecide = may("lexicon:write");
  const actions: Column<Term> = {
    key: "act",
    title: "",
    cell: (term) => (
      <div class="row-actions">
        <Button icon="check" onClick={() => onDecide("approve", [term.id])}>{t("approve")}</Button>
        <Button kind="quiet" icon="close" label={`${t("reject")}: ${term.term}`} onClick={() => onDecide("reject", [term.id])} />
      </div>
    ),
  };
  return (
    <Table<Term>
      label={t("view_suggestions")}
      rows={terms}
      keyOf={(term) => term.id}
      {...(mayDecide && { chosen: { keys: chosen, set: onChoose, label: t("choose"), nameOf: (term: Term) => term.term } })}
      columns={[
        {
          key: "term",
          title: t("term"),
          cell: (term) => (
            <span class="term-name">
              <strong lang={term.language || undefined}>{term.term}</strong>
              <Why term={term} />
            </span>
          ),
        },
        { key: "heard", title: t("alternatives"), isMinor: true, cell: (term) => term.alternatives.join(", ") || "–" },
        { key: "language", title: t("language"), isMinor: true, cell: (term) => (term.language ? languageName(term.language) : t("language_any")) },
        { key: "seen", title: t("seen"), isNumber: true, isMinor: true, cell: (term) => number(term.frequency) },
        ...(mayDecide ? [actions] : []),
      ]}
    />
  );
}

/** What was heard in its place, and in which recordings; asked for when it is opened. */
function Why({ term }: { term: Term }) {
  const isOpen = useSignal(false);
  return (
    <details
      class="why"
      onToggle={(event) => {
        isOpen.value = event.currentTarget.open;
      }}
    >
      <summary class="small">{t("show_evidence")}</summary>
      {isOpen.value && <EvidenceList id={term.id} />}
    </details>
  );
}

function EvidenceList({ id }: { id: string }) {
  const loaded = useLoaded<Evidence[]>((signal) => evidenceOf(id, signal), [id]);
  if (!loaded.data) return loaded.failure ? <Failed failure={loaded.failure} onRetry={loaded.reload} /> : <Loading rows={1} />;
  if (loaded.data.length === 0) return <p class="small quiet">{t("no_evidence")}</p>;
  return (
    <ul class="small">
      {loaded.data.map((each, i) => (
        <li key={i}>
          {t("heard")} <q>{each.heard}</q> · {t.count("times", each.occurrence_count)}
          {each.job_id && <> · <a href={`/transcripts/${each.job_id}`}>{t("in_recording", { job: each.job_id })}</a></>}
        </li>
      ))}
    </ul>
  );
}
