import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { get, url } from "../../api/client.ts";
import { useLoaded } from "../../api/loaded.ts";
import { clock, number } from "../../i18n/format.ts";
import { Button } from "../../ui/button.tsx";
import {
  attach, chooseRate, duration, hasFailed, isPlaying, rate, rates, seek, skip, time, toggle,
} from "./player.ts";
import { type Peaks, Waveform } from "./waveform.tsx";
import { t } from "./words.ts";

const zooms = [0, 20, 50, 100, 200];

/** Sound and its picture. It stays in sight while the text scrolls. */
export function PlayerBar({ jobId }: { jobId: string }) {
  const audio = useRef<HTMLAudioElement>(null);
  const zoom = useSignal(0);
  const peaks = useLoaded((signal) => get<Peaks>(`/jobs/${jobId}/waveform`, {}, signal), [jobId]);
  useEffect(() => (audio.current ? attach(audio.current) : undefined), [jobId]);
  useEffect(() => {
    // Others are being measured: it is our turn soon.
    if (peaks.failure?.status !== 429) return undefined;
    const timer = setTimeout(peaks.reload, 2_000);
    return () => clearTimeout(timer);
  }, [peaks.failure]);

  const isGone = hasFailed.value && peaks.failure?.status === 404;
  return (
    <div class="player">
      <audio ref={audio} src={url(`/jobs/${jobId}/audio`)} preload="metadata" />
      {isGone ? <p class="quiet">{t("no_sound")}</p> : (
        <>
          {peaks.data && peaks.data.peaks.length > 0
            ? <Waveform peaks={peaks.data} zoom={zoom.value} />
            : <div class="waveform" aria-hidden="true" />}
          <div class="player-row">
            <Button kind="quiet" icon="rewind" label={t("skip_back")} shortcut="←" onClick={() => skip(-3)} />
            <Button
              kind="primary"
              icon={isPlaying.value ? "pause" : "play"}
              label={isPlaying.value ? t("pause") : t("play")}
              onClick={toggle}
            />
            <Button kind="quiet" icon="ahead" label={t("skip_forward")} shortcut="→" onClick={() => skip(3)} />
            <p class="player-time number">
              {clock(time.value)}<span class="quiet"> / {clock(duration.value)}</span>
            </p>
            <Position />
            <select
              class="player-speed"
              aria-label={t("speed")}
              title={t("speed")}
              value={String(rate.value)}
              onChange={(event) => chooseRate(Number(event.currentTarget.value))}
            >
              {rates.map((each) => (
                <option key={each} value={String(each)} selected={each === rate.value}>{number(each, 2)}×</option>
              ))}
            </select>
            <span class="player-zoom">
              <Button
                kind="quiet"
                icon="zoomIn"
                label={t("zoom_in")}
                isDisabled={zoom.value === zooms.at(-1)}
                onClick={() => { zoom.value = zooms[zooms.indexOf(zoom.value) + 1] ?? zoom.value; }}
              />
              <Button
                kind="quiet"
                icon="zoomOut"
                label={t("zoom_out")}
                isDisabled={zoom.value === 0}
                onClick={() => { zoom.value = zooms[zooms.indexOf(zoom.value) - 1] ?? 0; }}
              />
            </span>
          </div>
        </>
      )}
    </div>
  );
}

/** For the keyboard and for screen readers, which have no use for the picture. */
function Position() {
  return (
    <input
      type="range"
      class="player-position"
      min={0}
      max={Math.max(1, duration.value)}
      step={1}
      value={time.value}
      aria-label={t("position")}
      aria-valuetext={clock(time.value)}
      onInput={(event) => seek(Number(event.currentTarget.value))}
    />
  );
}
