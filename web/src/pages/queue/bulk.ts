import { signal } from "@preact/signals";
import { number } from "../../i18n/format.ts";
import { confirmed } from "../../ui/dialog.tsx";
import { report, say } from "../../ui/toast.tsx";
import { type BulkVerb, changeMany, type TaskFilter } from "./queue_api.ts";
import { t } from "./words.ts";

/** How many tasks have been changed by what is under way; null: nothing is. */
export const changedSoFar = signal<number | null>(null);

/** Asks, changes tasks and says what came of it. */
export async function changeWithQuestion(
  verb: BulkVerb,
  what: { ids: string[] } | { filter: TaskFilter },
  onDone: () => void,
): Promise<void> {
  const count = "ids" in what ? what.ids.length : null;
  const isYes = await confirmed({
    title: t(count === 1 ? `${verb}_one_title` : `${verb}_title`),
    text: t(`${verb}_text`),
    action: count === null ? t(`${verb}_action_all`) : t.count(`${verb}_action`, count),
    isDangerous: verb === "cancel",
  });
  if (!isYes) return;
  changedSoFar.value = 0;
  try {
    const { changed, refused } = await changeMany(verb, what, (so_far) => {
      changedSoFar.value = so_far;
    });
    const text = t.count(`${verb}_done`, changed);
    say(refused > 0 ? `${text} ${t("refused", { count: number(refused) })}` : text);
    onDone();
  } catch (cause) {
    report(cause);
  } finally {
    changedSoFar.value = null;
  }
}
