import { useEffect, useRef } from "preact/hooks";
import { failureText } from "../../app/failure_text.ts";
import { bytes, percent } from "../../i18n/format.ts";
import { statusTones } from "../../jobs/status.tsx";
import { t as jobs } from "../../jobs/words.ts";
import { Badge, Progress, type Tone } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { report } from "../../ui/toast.tsx";
import { cancel, dismiss, type Item, type Phase, retry } from "./intake.ts";
import { t } from "./words.ts";

const tones: Record<Phase, Tone> = { waiting: "neutral", sending: "busy", ...statusTones };

const phaseText = (phase: Phase): string =>
  phase === "waiting" || phase === "sending" ? t(`phase_${phase}`) : jobs(`status_${phase}`);

/** One recording: where it is, what was said so far, what can be done. */
export function ItemRow({ item }: { item: Item }) {
  const isMoving = item.phase === "sending" || item.phase === "processing";
  return (
    <li class="card item">
      <div class="item-head">
        <p class="item-name" title={item.name}>{item.name}</p>
        {item.size !== null && <span class="quiet small number">{bytes(item.size)}</span>}
        <Badge tone={tones[item.phase]}>
          {phaseText(item.phase)}{isMoving && ` ${percent(item.progress)}`}
        </Badge>
        <Actions item={item} />
      </div>
      {isMoving && (
        <Progress
          value={item.progress}
          label={t("progress_of", { name: item.name, share: percent(item.progress) })}
        />
      )}
      {item.isStuck && <p class="small quiet" role="status">{t("stuck")}</p>}
      {item.failure && <p class="form-error" role="alert">{failureText(item.failure)}</p>}
      {item.text && <LiveText text={item.text} isRunning={item.phase === "processing"} />}
      {item.isRead && !item.text && <p>{t("no_speech")}</p>}
    </li>
  );
}

function Actions({ item }: { item: Item }) {
  const isActive = ["waiting", "sending", "queued", "processing"].includes(item.phase);
  return (
    <div class="row item-actions">
      {item.phase === "completed" && (
        <a class="button button-primary" href={`/transcripts/${item.jobId}`}>{t("open")}</a>
      )}
      {isActive && (
        <Button icon="stop" label={t("stop")} kind="quiet" onClick={() => void cancel(item).catch(report)} />
      )}
      {(item.phase === "failed" || item.phase === "cancelled") && (
        <Button icon="retry" onClick={() => void retry(item).catch(report)}>{t("retry")}</Button>
      )}
      {!isActive && (
        <Button icon="close" label={t("dismiss")} kind="quiet" onClick={() => dismiss(item)} />
      )}
    </div>
  );
}

/** Shows the end of what was said, as long as nobody scrolls back in it. */
function LiveText({ text, isRunning }: { text: string; isRunning: boolean }) {
  const box = useRef<HTMLParagraphElement>(null);
  const isAtEnd = useRef(true);
  useEffect(() => {
    if (isRunning && isAtEnd.current && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [text]);
  return (
    <p
      ref={box}
      class="live-text"
      dir="auto"
      tabIndex={0}
      onScroll={() => {
        const it = box.current;
        if (it) isAtEnd.current = it.scrollHeight - it.scrollTop - it.clientHeight < 8;
      }}
    >
      {text}
    </p>
  );
}
