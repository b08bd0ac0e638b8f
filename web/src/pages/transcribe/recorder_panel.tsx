import { useEffect } from "preact/hooks";
import { guardLeaving } from "../../app/router.ts";
import { clock, dateTime, duration } from "../../i18n/format.ts";
import { Button } from "../../ui/button.tsx";
import { confirmed } from "../../ui/dialog.tsx";
import { addFiles } from "./intake.ts";
import { level, pause, resume, seconds, state, stop } from "./recorder.ts";
import { t } from "./words.ts";

const askToDiscard = (): Promise<boolean> =>
  confirmed({
    title: t("discard_title"),
    text: t("discard_text", { time: duration(seconds.value) }),
    action: t("discard"),
    isDangerous: true,
  });

/** In place of the drop zone while something is recorded. */
export function RecorderPanel() {
  useEffect(() => {
    guardLeaving({
      isLosing: () => state.peek() === "recording" || state.peek() === "paused",
      async mayLeave() {
        if (!(await askToDiscard())) return false;
        await stop("discard", "");
        return true;
      },
    });
    return () => guardLeaving(null);
  }, []);

  const finish = async (): Promise<void> => {
    const file = await stop("keep", t("record_name", { when: dateTime(new Date().toISOString()) }));
    if (file) addFiles([file]);
  };
  const discard = async (): Promise<void> => {
    if (await askToDiscard()) await stop("discard", "");
  };

  if (state.value === "asking") {
    return <div class="drop" role="status"><p>{t("record_asking")}</p></div>;
  }
  const isPaused = state.value === "paused";
  return (
    <div class="drop recorder" role="group" aria-label={t("recording")}>
      <p class="recorder-state">
        <span class={`recorder-dot${isPaused ? " recorder-dot-still" : ""}`} />
        {isPaused ? t("record_paused") : t("recording")}
      </p>
      <p class="recorder-time number" role="timer">{clock(seconds.value)}</p>
      <meter class="recorder-level" min={0} max={1} value={level.value} aria-label={t("record_level")} />
      <div class="row drop-ways">
        <Button kind="primary" icon="stop" onClick={() => void finish()}>{t("finish")}</Button>
        {isPaused
          ? <Button icon="mic" onClick={resume}>{t("resume")}</Button>
          : <Button icon="pause" onClick={pause}>{t("pause")}</Button>}
        <Button kind="quiet" icon="trash" onClick={() => void discard()}>{t("discard")}</Button>
      </div>
    </div>
  );
}
