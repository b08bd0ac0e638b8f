import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { get, post, remove } from "../../api/client.ts";
import { useLoaded } from "../../api/loaded.ts";
import type { Job } from "../../api/types.ts";
import { go, guardLeaving } from "../../app/router.ts";
import { said } from "../../app/server_words.ts";
import { may } from "../../app/session.ts";
import { clock, dateTime, languageName } from "../../i18n/format.ts";
import { DetailsDialog } from "../../jobs/details_dialog.tsx";
import { isActive, JobBadge, nameOf } from "../../jobs/status.tsx";
import { t as jobs } from "../../jobs/words.ts";
import type { PageProps } from "../../app/pages.ts";
import { Progress } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { confirmed } from "../../ui/dialog.tsx";
import { Failed, Loading } from "../../ui/empty.tsx";
import { NotThere, PageHead } from "../../ui/page.tsx";
import { report, say } from "../../ui/toast.tsx";
import { AgainDialog } from "./again_dialog.tsx";
import { Workbench } from "./workbench.tsx";
import { t } from "./words.ts";
import "./transcript.css";

const activeEveryMs = 2_000;

/** One recording: its sound and its text, in step, to be corrected. */
export default function TranscriptPage({ values }: PageProps) {
  const jobId = values.id ?? "";
  const isWaiting = useSignal(false);
  const job = useLoaded((signal) => get<Job>(`/jobs/${encodeURIComponent(jobId)}`, {}, signal), [jobId], {
    everyMs: isWaiting.value ? activeEveryMs : 0, moving: "jobs",
  });
  useEffect(() => {
    isWaiting.value = job.data !== null && isActive(job.data);
  }, [job.data]);

  if (job.failure && !job.data) {
    return job.failure.status === 404
      ? <NotThere title={t("not_found")}><a class="button" href="/library">{t("back")}</a></NotThere>
      : <Failed failure={job.failure} onRetry={job.reload} />;
  }
  if (!job.data) return <Loading rows={8} />;
  return (
    <article class="transcript">
      <Head job={job.data} onChanged={job.set} />
      {job.data.status === "completed"
        ? <Workbench key={jobId} job={job.data} />
        : <Unfinished job={job.data} onChanged={job.reload} />}
    </article>
  );
}

function Head({ job, onChanged }: { job: Job; onChanged: (job: Job) => void }) {
  const isEditing = useSignal(false);
  const isAgain = useSignal(false);
  const language = job.detected_language ?? job.language;
  const facts = [
    dateTime(job.created_at),
    job.audio_duration_s !== null && clock(job.audio_duration_s),
    language && language !== "auto" && languageName(language),
    job.model,
    job.expires_at && t("kept_until", { when: dateTime(job.expires_at) }),
  ].filter(Boolean);
  return (
    <>
      <a class="back quiet small" href="/library">← {t("back")}</a>
      <PageHead title={nameOf(job)} text={facts.join(" · ")}>
        {job.tags.map((tag) => (
          <a key={tag} class="tag" href={`/library?tag=${encodeURIComponent(tag)}`}>{tag}</a>
        ))}
        {may("transcribe") && !isActive(job) && (
          <Button kind="quiet" icon="retry" label={t("again")} onClick={() => { isAgain.value = true; }} />
        )}
        {may("jobs:write") && (
          <>
            <Button kind="quiet" icon="tag" label={jobs("edit_details")} onClick={() => { isEditing.value = true; }} />
            {!isActive(job) && (
              <Button kind="quiet" icon="trash" label={jobs("delete")} onClick={() => void erase(job).catch(report)} />
            )}
          </>
        )}
      </PageHead>
      {isAgain.value && <AgainDialog job={job} onClose={() => { isAgain.value = false; }} />}
      {isEditing.value && (
        <DetailsDialog job={job} onSaved={onChanged} onClose={() => { isEditing.value = false; }} />
      )}
    </>
  );
}

async function erase(job: Job): Promise<void> {
  const isSure = await confirmed({
    title: jobs.count("delete_title", 1), text: jobs("delete_text"), action: jobs("delete"), isDangerous: true,
  });
  if (!isSure) return;
  await remove(`/jobs/${job.job_id}`);
  guardLeaving(null); // There is nothing left to save.
  say(t("deleted", { name: nameOf(job) }));
  await go("/library");
}

function Unfinished({ job, onChanged }: { job: Job; onChanged: () => void }) {
  const change = (verb: "retry" | "cancel"): void => void post(`/jobs/${job.job_id}/${verb}`).then(onChanged, report);
  return (
    <div class="card stack">
      <p class="row"><JobBadge job={job} /></p>
      {isActive(job) ? (
        <>
          <Progress value={job.progress} label={nameOf(job)} />
          <p>{t("waiting")}</p>
          {may("jobs:write") && (
            <p><Button icon="stop" onClick={() => change("cancel")}>{t("stop")}</Button></p>
          )}
        </>
      ) : (
        <>
          <p>{t("failed")}</p>
          {job.error?.message && <p class="form-error">{said(job.error.message)}</p>}
          {may("jobs:write") && (
            <p><Button icon="retry" onClick={() => change("retry")}>{t("retry")}</Button></p>
          )}
        </>
      )}
    </div>
  );
}
