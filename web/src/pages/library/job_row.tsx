import { useSignal } from "@preact/signals";
import { query, setQuery } from "../../app/router.ts";
import { said } from "../../app/server_words.ts";
import { principal } from "../../app/session.ts";
import { ago, clock, dateTime, languageName, number, percent } from "../../i18n/format.ts";
import { JobBadge, nameOf, personOf } from "../../jobs/status.tsx";
import { Progress } from "../../ui/badge.tsx";
import type { Found } from "./found_jobs.ts";
import { partsOf, partsOfName } from "./snippet.ts";
import { someOf } from "./some_tags.ts";
import { t } from "./words.ts";

interface JobRowProps {
  found: Found;
  isChosen: boolean;
  onChoose: () => void;
}

/** A recording in the library: what it is called, what it is, and where the words were found. */
export function JobRow({ found, isChosen, onChoose }: JobRowProps) {
  const { job, snippet } = found;
  const name = nameOf(job);
  return (
    <li class="job" aria-current={isChosen ? "true" : undefined}>
      <input type="checkbox" aria-label={t("choose", { name })} checked={isChosen} onChange={onChoose} />
      <div class="job-main">
        <div class="job-head">
          <a class="job-name" href={`/transcripts/${job.job_id}`}>
            {partsOfName(name, query.value.get("q") ?? "").map((part, i) => (
              part.isMatch ? <mark key={i}>{part.text}</mark> : part.text))}
          </a>
          {job.status !== "completed" && <JobBadge job={job} />}
        </div>
        {job.status === "processing" && <Progress value={job.progress} label={name} />}
        {job.error?.message && <p class="form-error small">{said(job.error.message)}</p>}
        {snippet && snippet.text && (
          <p class="job-snippet" dir="auto">
            {snippet.is_cut_before && "… "}
            {partsOf(snippet).map((part, i) => (part.isMatch ? <mark key={i}>{part.text}</mark> : part.text))}
            {snippet.is_cut_after && " …"}
          </p>
        )}
        <Facts found={found} />
      </div>
    </li>
  );
}

/** Who sees what others have can look at one person's recordings alone. */
function Person({ owner }: { owner: string }) {
  const text = t("by", { name: personOf(owner) });
  if (!principal.value?.sees_all) return <span>{text}</span>;
  return <button type="button" class="link-quiet" onClick={() => setQuery({ by: owner })}>{text}</button>;
}

function Facts({ found: { job } }: { found: Found }) {
  const language = job.detected_language ?? job.language;
  return (
    <p class="job-facts quiet small">
      <time dateTime={job.created_at} title={dateTime(job.created_at)}>{ago(job.created_at)}</time>
      {job.audio_duration_s !== null && <span class="number">{clock(job.audio_duration_s)}</span>}
      {language && language !== "auto" && <span>{languageName(language)}</span>}
      {job.confidence !== null && <span>{t("confidence", { share: percent(job.confidence) })}</span>}
      {job.submitted_by && <Person owner={job.submitted_by} />}
      <Tags tags={job.tags} />
    </p>
  );
}

/** Some of them, and how many more there are: a click shows all. */
function Tags({ tags }: { tags: string[] }) {
  const isOpen = useSignal(false);
  const { shown, hidden } = isOpen.value ? { shown: tags, hidden: [] } : someOf(tags);
  return (
    <>
      {shown.map((tag) => (
        <button key={tag} type="button" class="tag" onClick={() => setQuery({ tag })}>{tag}</button>
      ))}
      {hidden.length > 0 && (
        <button
          type="button"
          class="tag quiet"
          title={hidden.join(", ")}
          aria-label={t.count("more_tags", hidden.length)}
          onClick={() => { isOpen.value = true; }}
        >
          +{number(hidden.length)}
        </button>
      )}
    </>
  );
}
