import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { setQuery } from "../../app/router.ts";
import { languages } from "../../i18n/languages.ts";
import { personOf, statuses } from "../../jobs/status.tsx";
import { t as jobs } from "../../jobs/words.ts";
import { Button } from "../../ui/button.tsx";
import { Icon } from "../../ui/icon.tsx";
import { type Filters, isFiltered } from "./found_jobs.ts";
import { t } from "./words.ts";

const typingMs = 250;

/** What is searched for; everything is in the address, so that it can be sent to somebody. */
export function FilterBar({ filters }: { filters: Filters }) {
  return (
    <div class="library-filters">
      <SearchField value={filters.q} />
      <Choice
        label={t("filter_status")}
        name="status"
        value={filters.status}
        options={[["", t("any_status")], ...statuses.map((each): [string, string] => [each, jobs(`status_${each}`)])]}
      />
      <Choice
        label={t("filter_language")}
        name="language"
        value={filters.language}
        options={[["", t("any_language")], ...languages()]}
      />
      <Choice
        label={t("filter_time")}
        name="days"
        value={filters.days}
        options={[["", t("any_time")], ["1", t("time_1")], ["7", t("time_7")], ["30", t("time_30")], ["365", t("time_365")]]}
      />
      <Choice
        label={t("filter_order")}
        name="order"
        value={filters.order}
        options={[["", t("newest")], ["oldest", t("oldest")]]}
      />
      {filters.submittedBy && (
        <Button icon="user" isPressed onClick={() => setQuery({ by: null })}>
          {t("by", { name: personOf(filters.submittedBy) })}
        </Button>
      )}
      {isFiltered(filters) && (
        <Button
          kind="quiet"
          icon="close"
          onClick={() => setQuery({ q: null, status: null, language: null, tag: null, by: null, days: null })}
        >
          {t("clear")}
        </Button>
      )}
    </div>
  );
}

function SearchField({ value }: { value: string }) {
  const typed = useSignal(value);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => {
    typed.value = value;
  }, [value]);
  return (
    <search class="search">
      <Icon name="search" />
      <input
        type="search"
        aria-label={t("search")}
        placeholder={t("search")}
        title={t("search_hint")}
        maxLength={500}
        value={typed.value}
        onInput={(event) => {
          typed.value = event.currentTarget.value;
          clearTimeout(timer.current);
          timer.current = setTimeout(() => setQuery({ q: typed.value.trim() }), typingMs);
        }}
      />
    </search>
  );
}

interface ChoiceProps {
  label: string;
  name: string;
  value: string;
  options: [string, string][];
}

function Choice({ label, name, value, options }: ChoiceProps) {
  return (
    <select
      aria-label={label}
      class={value ? "filter-set" : ""}
      value={value}
      onChange={(event) => setQuery({ [name]: event.currentTarget.value })}
    >
      {options.map(([each, text]) => <option key={each} value={each} selected={each === value}>{text}</option>)}
    </select>
  );
}
