import { useSignal } from "@preact/signals";
import { patch, remove, url } from "../../api/client.ts";
import { usePaged } from "../../api/paged.ts";
import { query, setQuery } from "../../app/router.ts";
import { may } from "../../app/session.ts";
import { ago, dateTime, languageName, number } from "../../i18n/format.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { confirmed } from "../../ui/dialog.tsx";
import { Empty, Failed, Loading } from "../../ui/empty.tsx";
import { SelectField } from "../../ui/field.tsx";
import { Menu } from "../../ui/menu.tsx";
import { More } from "../../ui/more.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import { report, say } from "../../ui/toast.tsx";
import { Typed } from "../../ui/typed.tsx";
import { ImportForm } from "./import_form.tsx";
import { listTerms, type Term, type TermFilter } from "./lexicon_api.ts";
import { TermForm } from "./term_form.tsx";
import { t } from "./words.ts";

type Open = { kind: "add" } | { kind: "edit"; term: Term } | { kind: "import" };

function filterOfAddress(): TermFilter {
  const of = (name: string): string => query.value.get(name) ?? "";
  return { q: of("q"), language: of("language"), status: of("status"), source: of("source") };
}

export function TermsView() {
  const filter = filterOfAddress();
  const list = usePaged<Term>((cursor, signal) => listTerms(filter, cursor, signal), Object.values(filter));
  const open = useSignal<Open | null>(null);
  const close = (): void => {
    open.value = null;
  };
  const done = (): void => {
    close();
    list.reload();
  };
  const isFiltered = Object.values(filter).some(Boolean);
  return (
    <section class="section">
      <Filters filter={filter} />
      <Actions
        filter={filter}
        onOpen={(next) => {
          open.value = next;
        }}
      />
      {list.failure && <Failed failure={list.failure} onRetry={list.reload} />}
      {!list.items && !list.failure && <Loading rows={6} />}
      {list.items?.length === 0 && (isFiltered
        ? <Empty icon="search" title={t("none_fit")} />
        : <Empty icon="book" title={t("none")} text={t("none_text")} />)}
      {list.items && list.items.length > 0 && (
        <Terms
          terms={list.items}
          onChange={list.reload}
          onEdit={(term) => {
            open.value = { kind: "edit", term };
          }}
        />
      )}
      <More list={list} />
      {open.value?.kind === "add" && <TermForm term={null} onClose={close} onDone={done} />}
      {open.value?.kind === "edit" && <TermForm term={open.value.term} onClose={close} onDone={done} />}
      {open.value?.kind === "import" && <ImportForm onClose={close} onDone={done} />}
    </section>
  );
}

function Filters({ filter }: { filter: TermFilter }) {
  const isFiltered = Object.values(filter).some(Boolean);
  return (
    <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
      <Typed label={t("search")} parameter="q" value={filter.q} placeholder={t("search_hint")} />
      <SelectField
        label={t("status")}
        value={filter.status}
        options={[["", t("any")], ["active", t("status_active")], ["suggested", t("status_suggested")], ["rejected", t("status_rejected")]]}
        onChoose={(status) => setQuery({ status })}
      />
      <SelectField
        label={t("source")}
        value={filter.source}
        options={[["", t("any")], ["manual", t("source_manual")], ["learned", t("source_learned")], ["imported", t("source_imported")]]}
        onChoose={(source) => setQuery({ source })}
      />
      <Typed label={t("language")} parameter="language" value={filter.language} placeholder="tr" />
      {isFiltered && (
        <Button kind="quiet" icon="close" onClick={() => setQuery({ q: null, status: null, source: null, language: null })}>
          {t("clear")}
        </Button>
      )}
    </form>
  );
}

function Actions({ filter, onOpen }: { filter: TermFilter; onOpen: (open: Open) => void }) {
  const file = (format: string): string => url("/lexicon/export", { ...filter, format });
  return (
    <div class="bar-of-chosen">
      {may("lexicon:write") && (
        <>
          <Button kind="primary" icon="plus" onClick={() => onOpen({ kind: "add" })}>{t("add")}</Button>
          <Button icon="upload" onClick={() => onOpen({ kind: "import" })}>{t("import")}</Button>
        </>
      )}
      <Menu icon="download" text={t("export")}>
        <a href={file("csv")} download>{t("export_csv")}</a>
        <a href={file("json")} download>{t("export_json")}</a>
        <a href={file("txt")} download>{t("export_txt")}</a>
      </Menu>
    </div>
  );
}

async function erase(term: Term): Promise<void> {
  const title = t("delete_title", { term: term.term });
  if (!(await confirmed({ title, text: t("delete_text"), action: t("delete"), isDangerous: true }))) return;
  await remove(`/lexicon/terms/${term.id}`);
  say(t("deleted", { term: term.term }));
}

interface TermsProps {
  terms: Term[];
  onChange: () => void;
  onEdit: (term: Term) => void;
}

function TermState({ term }: { term: Term }) {
  if (term.status === "active" && !term.is_active) return <Badge tone="warn">{t("resting")}</Badge>;
  const tone = term.status === "active" ? "good" : term.status === "suggested" ? "busy" : "neutral";
  return <Badge tone={tone}>{t(`status_${term.status}`)}</Badge>;
}

function Terms({ terms, onChange, onEdit }: TermsProps) {
  const run = (work: Promise<unknown>): void => void work.then(onChange).catch(report);
  const actions: Column<Term> = {
    key: "act",
    title: "",
    cell: (term) => (
      <div class="row-actions">
        <Menu icon="more" label={t("actions_for", { term: term.term })}>
          <button type="button" onClick={() => onEdit(term)}>{t("edit")}</button>
          {term.status === "active" && (
            <button type="button" onClick={() => run(patch(`/lexicon/terms/${term.id}`, { is_active: !term.is_active }))}>
              {t(term.is_active ? "switch_off" : "switch_on")}
            </button>
          )}
          <button type="button" onClick={() => run(erase(term))}>{t("delete")}</button>
        </Menu>
      </div>
    ),
  };
  return (
    <Table<Term>
      label={t("view_terms")}
      rows={terms}
      keyOf={(term) => term.id}
      columns={[
        {
          key: "term",
          title: t("term"),
          cell: (term) => (
            <span class="term-name">
              <strong lang={term.language || undefined}>{term.term}</strong>
              {term.alternatives.length > 0 && <span class="small quiet">{t("also")} {term.alternatives.join(", ")}</span>}
            </span>
          ),
        },
        { key: "status", title: t("status"), cell: (term) => <TermState term={term} /> },
        { key: "language", title: t("language"), cell: (term) => <span class="nowrap">{term.language ? languageName(term.language) : t("language_any")}</span> },
        { key: "category", title: t("category"), isMinor: true, cell: (term) => term.category },
        { key: "weight", title: t("weight"), isNumber: true, isMinor: true, cell: (term) => number(term.weight, 2) },
        { key: "seen", title: t("seen"), isNumber: true, isMinor: true, cell: (term) => number(term.frequency) },
        { key: "source", title: t("source"), isMinor: true, cell: (term) => t(`source_${term.source}`) },
        {
          key: "changed",
          title: t("changed"),
          isMinor: true,
          cell: (term) => <time class="nowrap" dateTime={term.updated_at} title={dateTime(term.updated_at)}>{ago(term.updated_at)}</time>,
        },
        ...(may("lexicon:write") ? [actions] : []),
      ]}
    />
  );
}
