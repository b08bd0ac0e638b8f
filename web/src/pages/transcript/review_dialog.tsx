import { useSignal } from "@preact/signals";
import { get, type Page, post } from "../../api/client.ts";
import { useLoaded } from "../../api/loaded.ts";
import { ago, percent } from "../../i18n/format.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Field } from "../../ui/field.tsx";
import { report } from "../../ui/toast.tsx";
import { t as frame } from "../../app/words.ts";
import type { Editor } from "./editor.ts";
import { t } from "./words.ts";

interface Feedback {
  id: string;
  reviewer: string | null;
  comment: string | null;
  accuracy_score: number | null;
  difference: {
    reference_count: number;
    substitution_count: number;
    deletion_count: number;
    insertion_count: number;
    runs: { kind: string; before: string; after: string }[];
  } | null;
  terms: { term: string; heard?: string }[] | null;
  created_at: string;
}

interface ReviewProps {
  jobId: string;
  editor: Editor;
  onClose: () => void;
}

/** Says that the text is right: how good the machine was, and what it learns from the difference. */
export function ReviewDialog({ jobId, editor, onClose }: ReviewProps) {
  const comment = useSignal("");
  const result = useSignal<Feedback | null>(null);
  const isBusy = useSignal(false);
  const before = useLoaded(
    (signal) => get<Page<Feedback>>(`/jobs/${jobId}/feedback`, { limit: 5 }, signal),
    [jobId],
  );
  const finish = async (): Promise<void> => {
    isBusy.value = true;
    try {
      await editor.save();
      const text = editor.texts.value.filter(Boolean).join(" ");
      const remark = comment.value.trim();
      result.value = await post<Feedback>(`/jobs/${jobId}/feedback`, {
        corrected_text: text, ...(remark && { comment: remark }),
      });
    } catch (cause) {
      report(cause);
    } finally {
      isBusy.value = false;
    }
  };
  if (result.value) {
    return (
      <Dialog
        title={t("review")}
        onClose={onClose}
        size="large"
        actions={<Button kind="primary" onClick={onClose}>{frame("close")}</Button>}
      >
        <Outcome feedback={result.value} />
      </Dialog>
    );
  }
  return (
    <Dialog
      title={t("review")}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{frame("cancel")}</Button>
          <Button kind="primary" icon="check" isBusy={isBusy.value} onClick={() => void finish()}>
            {t("review_finish")}
          </Button>
        </>
      }
    >
      <div class="stack">
        <p>{t("review_text")}</p>
        <Field label={t("review_comment")}>
          {(id) => (
            <textarea
              id={id}
              rows={2}
              maxLength={5_000}
              value={comment.value}
              onInput={(event) => { comment.value = event.currentTarget.value; }}
            />
          )}
        </Field>
        <Earlier list={before.data?.items ?? []} />
      </div>
    </Dialog>
  );
}

function Outcome({ feedback }: { feedback: Feedback }) {
  const difference = feedback.difference;
  const runs = difference?.runs.filter((run) => run.before !== run.after) ?? [];
  return (
    <div class="stack">
      {feedback.accuracy_score !== null && (
        <p class="score">
          <strong class="number">{percent(feedback.accuracy_score, 1)}</strong>
          <span>{t("review_score")}</span>
        </p>
      )}
      {difference && (
        <p class="quiet">
          {runs.length === 0 ? t("review_same") : t("review_errors", {
            substituted: difference.substitution_count, deleted: difference.deletion_count,
            inserted: difference.insertion_count, total: difference.reference_count,
          })}
        </p>
      )}
      {runs.length > 0 && (
        <section>
          <h3>{t("review_diff")}</h3>
          <ul class="review-runs">
            {runs.slice(0, 100).map((run, i) => (
              <li key={i} class="word-diff">
                {run.before && <del>{run.before}</del>} {run.after && <ins>{run.after}</ins>}
              </li>
            ))}
          </ul>
        </section>
      )}
      {feedback.terms && feedback.terms.length > 0 && (
        <section>
          <h3>{t("review_terms")}</h3>
          <p class="row">{feedback.terms.map((each) => <span key={each.term} class="tag">{each.term}</span>)}</p>
        </section>
      )}
    </div>
  );
}

function Earlier({ list }: { list: Feedback[] }) {
  if (list.length === 0) return null;
  return (
    <section>
      <h3>{t("review_before")}</h3>
      <ul class="small">
        {list.map((each) => (
          <li key={each.id}>
            {each.accuracy_score !== null && <strong>{percent(each.accuracy_score, 1)} </strong>}
            <span class="quiet">{t("history_by", { who: each.reviewer ?? "—", when: ago(each.created_at) })}</span>
            {each.comment && <> {each.comment}</>}
          </li>
        ))}
      </ul>
    </section>
  );
}
