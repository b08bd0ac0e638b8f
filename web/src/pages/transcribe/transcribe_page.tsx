import { useEffect } from "preact/hooks";
import { Empty } from "../../ui/empty.tsx";
import { Button } from "../../ui/button.tsx";
import { PageHead } from "../../ui/page.tsx";
import { report } from "../../ui/toast.tsx";
import { t as frame } from "../../app/words.ts";
import { Intake } from "./intake_panel.tsx";
import { dismiss, items, takeUpRunning, watchItems } from "./intake.ts";
import { ItemRow } from "./item_row.tsx";
import { OptionsForm } from "./options_form.tsx";
import { rememberOptions } from "./options.ts";
import { t } from "./words.ts";
import "./transcribe.css";

/** Recordings come in, text comes out while one looks. */
export default function TranscribePage() {
  useEffect(() => {
    const stopWatching = watchItems();
    const stopRemembering = rememberOptions();
    takeUpRunning().catch(report);
    return () => {
      stopWatching();
      stopRemembering();
    };
  }, []);
  return (
    <>
      <PageHead title={frame("page_transcribe")} text={t("intro")} />
      <div class="transcribe">
        <div class="stack">
          <Intake />
          <OnTheWay />
        </div>
        <OptionsForm />
      </div>
    </>
  );
}

function OnTheWay() {
  const list = items.value;
  const done = list.filter((each) => each.phase === "completed" || each.phase === "cancelled");
  return (
    <section aria-labelledby="on-the-way">
      <div class="items-head">
        <h2 id="on-the-way">{t("on_the_way")}</h2>
        {done.length > 0 && (
          <Button kind="quiet" onClick={() => done.forEach(dismiss)}>{t("clear_done")}</Button>
        )}
      </div>
      {list.length === 0 ? (
        <Empty icon="text" title={t("none_title")} text={t("none_text")} />
      ) : (
        <ul class="items">
          {list.map((item) => <ItemRow key={item.key} item={item} />)}
        </ul>
      )}
      <p class="unseen" aria-live="polite">
        {list.filter((each) => each.phase === "completed").slice(0, 1)
          .map((each) => t("announce_done", { name: each.name }))}
      </p>
    </section>
  );
}
