import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { get } from "../../api/client.ts";
import { useLoaded } from "../../api/loaded.ts";
import type { TagFigures } from "../../api/types.ts";
import { query, setQuery } from "../../app/router.ts";
import { may } from "../../app/session.ts";
import { t as frame } from "../../app/words.ts";
import { number } from "../../i18n/format.ts";
import { Button } from "../../ui/button.tsx";
import { Empty, Failed, Loading } from "../../ui/empty.tsx";
import { PageHead } from "../../ui/page.tsx";
import { toggled } from "../../ui/table.tsx";
import { BulkBar } from "./bulk_bar.tsx";
import { FilterBar } from "./filter_bar.tsx";
import { filtersOf, type FoundJobs, isFiltered, useFoundJobs } from "./found_jobs.ts";
import { JobRow } from "./job_row.tsx";
import { t } from "./words.ts";
import "./library.css";

/** Every recording, to be found again. */
export default function LibraryPage() {
  const filters = filtersOf(query.value);
  const found = useFoundJobs(filters);
  const tags = useLoaded((signal) => get<{ items: TagFigures[] }>("/tags", {}, signal), []);
  const isFirst = found.items.length === 0 && !found.isLoading && !found.failure && !isFiltered(filters);
  return (
    <>
      <PageHead title={frame("page_library")}>
        {may("transcribe") && !isFirst && <a class="button button-primary" href="/">{t("new")}</a>}
      </PageHead>
      {isFirst ? (
        <Empty icon="library" title={t("empty_title")} text={t("empty_text")}>
          {may("transcribe") && <a class="button button-primary" href="/">{t("empty_action")}</a>}
        </Empty>
      ) : (
        <>
          <FilterBar filters={filters} />
          <Tags tags={tags.data?.items ?? []} chosen={filters.tag} />
          <Results found={found} onChanged={tags.reload} />
        </>
      )}
    </>
  );
}

/** The most used ones come first. */
const tagsShown = 20;

function Tags({ tags, chosen }: { tags: TagFigures[]; chosen: string }) {
  const isWhole = useSignal(false);
  if (tags.length === 0) return null;
  const shown = isWhole.value ? tags : tags.filter(({ tag }, i) => i < tagsShown || tag === chosen);
  return (
    <nav class="tags" aria-label={t("tags")}>
      <button type="button" class="tag" aria-pressed={chosen === ""} onClick={() => setQuery({ tag: null })}>
        {t("all_tags")}
      </button>
      {shown.map(({ tag, job_count }) => (
        <button
          key={tag}
          type="button"
          class="tag"
          aria-pressed={chosen === tag}
          onClick={() => setQuery({ tag: chosen === tag ? null : tag })}
        >
          {tag} <span class="number">{number(job_count)}</span>
        </button>
      ))}
      {shown.length < tags.length && (
        <button type="button" class="tag" onClick={() => { isWhole.value = true; }}>
          {t("more_tags", { count: number(tags.length - shown.length) })}
        </button>
      )}
    </nav>
  );
}

/** "1,203 recordings", and where they are not all there yet, how many are shown. */
function countText({ items, hasMore, count }: FoundJobs): string {
  if (!hasMore) return t.count("results", items.length);
  const shown = number(items.length);
  if (!count || count.count === null) return t("results_more", { count: shown });
  return t("results_of", { shown, count: `${number(count.count)}${count.is_more ? "+" : ""}` });
}

function Results({ found, onChanged }: { found: FoundJobs; onChanged: () => void }) {
  const chosen = useSignal<ReadonlySet<string>>(new Set());
  const { items } = found;
  const chosenJobs = items.map((each) => each.job).filter((job) => chosen.value.has(job.job_id));
  const isAll = items.length > 0 && chosenJobs.length === items.length;
  const clear = (): void => {
    chosen.value = new Set();
  };
  useEffect(() => {
    if (found.isLoading && items.length === 0) clear();
  }, [found.isLoading]);

  if (found.failure) return <Failed failure={found.failure} onRetry={found.reload} />;
  if (items.length === 0) {
    return found.isLoading
      ? <Loading rows={6} />
      : <Empty icon="search" title={t("none_title")} text={t("none_text")} />;
  }
  return (
    <section aria-busy={found.isLoading}>
      <div class="results-head">
        <label class="check">
          <input
            type="checkbox"
            aria-label={t("choose_all")}
            checked={isAll}
            onChange={() => { chosen.value = isAll ? new Set() : new Set(items.map((each) => each.job.job_id)); }}
          />
          <span class="results-count" role="status">{countText(found)}</span>
        </label>
        {chosenJobs.length > 0 && (
          <BulkBar
            jobs={chosenJobs}
            onClear={clear}
            onDone={() => {
              clear();
              found.reload();
              onChanged();
            }}
          />
        )}
      </div>
      <ul class="jobs">
        {items.map((each) => (
          <JobRow
            key={each.job.job_id}
            found={each}
            isChosen={chosen.value.has(each.job.job_id)}
            onChoose={() => { chosen.value = toggled(chosen.value, each.job.job_id); }}
          />
        ))}
      </ul>
      {found.hasMore && (
        <p class="more">
          <Button isBusy={found.isLoading} onClick={found.loadMore}>{frame("show_more")}</Button>
        </p>
      )}
    </section>
  );
}
