import { useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import WaveSurfer from "wavesurfer.js";
import { theme } from "../../app/theme.ts";
import { duration, seek, time } from "./player.ts";

export interface Peaks {
  duration: number;
  peaks_per_second: number;
  /** 0 to 255. */
  peaks: number[];
}

/** Quiet recordings are drawn as high as loud ones, and quiet parts can be seen beside loud ones. */
export function scaled(peaks: number[]): Float32Array {
  const top = Math.max(8, peaks.reduce((max, each) => Math.max(max, each), 0));
  return Float32Array.from(peaks, (each) => (each / top) ** 0.7);
}

/**
 * The library keeps its rules in a <style>, which the Content-Security-Policy refuses. They move to
 * a sheet made by script, which it allows, before the element is in the document and anybody looks.
 */
function moveStyles(host: HTMLElement): void {
  const root = host.firstElementChild?.shadowRoot;
  const style = root?.querySelector("style");
  if (!root || !style) return;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style.textContent ?? "");
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  style.remove();
}

function colours(element: HTMLElement): { waveColor: string; progressColor: string; cursorColor: string } {
  const resolve = (name: string): string => {
    element.style.color = `var(${name})`;
    return getComputedStyle(element).color;
  };
  const found = {
    waveColor: resolve("--wave"),
    progressColor: resolve("--accent"),
    cursorColor: resolve("--accent-strong"),
  };
  element.style.color = "";
  return found;
}

interface WaveformProps {
  peaks: Peaks;
  /** Pixels a second; 0: all of it fits. */
  zoom: number;
}

/** The sound as a picture; a click goes there. It plays nothing itself. */
export function Waveform({ peaks, zoom }: WaveformProps) {
  const box = useRef<HTMLDivElement>(null);
  const wave = useRef<WaveSurfer | null>(null);
  useEffect(() => {
    if (!box.current) return undefined;
    const host = document.createElement("div");
    host.style.color = "inherit";
    const made = WaveSurfer.create({
      container: host,
      height: 72,
      barWidth: 2,
      barGap: 1,
      barRadius: 2,
      cursorWidth: 2,
      hideScrollbar: false,
      autoScroll: true,
      autoCenter: false,
      dragToSeek: true,
      peaks: [scaled(peaks.peaks)],
      duration: peaks.duration,
      ...colours(box.current),
    });
    moveStyles(host);
    box.current.append(host);
    made.on("ready", () => made.setTime(time.peek()));
    made.on("interaction", (seconds) => seek(seconds));
    wave.current = made;
    if (duration.value === 0) duration.value = peaks.duration;
    return () => {
      made.destroy();
      host.remove();
      wave.current = null;
    };
  }, [peaks]);
  useEffect(() => {
    if (wave.current?.getDecodedData()) wave.current.zoom(zoom);
  }, [zoom]);
  useSignalEffect(() => {
    const now = time.value;
    if (wave.current?.getDecodedData()) wave.current.setTime(now);
  });
  useSignalEffect(() => {
    void theme.value;
    if (box.current) wave.current?.setOptions(colours(box.current));
  });
  return <div class="waveform" ref={box} aria-hidden="true" />;
}
