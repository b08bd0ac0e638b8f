import { signal } from "@preact/signals";

/** The one recording that is played; the element is in player_bar.tsx. */
export const time = signal(0);
export const duration = signal(0);
export const isPlaying = signal(false);
/** The browser cannot play it, or it is not there any more. */
export const hasFailed = signal(false);
const rateKey = "katip.rate";
export const rate = signal(Number(globalThis.localStorage?.getItem(rateKey) ?? 1) || 1);
export const rates = [0.5, 0.75, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2] as const;

let element: HTMLAudioElement | null = null;
let frame = 0;
let wanted: number | null = null;
/** Since it was loaded anew there was no sound. */
let isSecondTry = false;

/**
 * An address in a bucket ends after some minutes, and a server may be away for one: what was playing
 * is asked for once more, and goes on where it was.
 */
function loadAgain(audio: HTMLAudioElement): void {
  const wasPlaying = isPlaying.value;
  isSecondTry = true;
  wanted = time.value;
  audio.load();
  if (wasPlaying) play();
}

/** Gives a function that lets go of it. */
export function attach(audio: HTMLAudioElement): () => void {
  element = audio;
  audio.preservesPitch = true;
  audio.playbackRate = rate.value;
  const look = (): void => {
    time.value = audio.currentTime;
    frame = audio.paused ? 0 : requestAnimationFrame(look);
  };
  const on: Record<string, () => void> = {
    loadedmetadata: () => {
      if (Number.isFinite(audio.duration)) duration.value = audio.duration;
      audio.playbackRate = rate.value;
      if (wanted !== null) audio.currentTime = wanted;
      wanted = null;
    },
    play: () => {
      isPlaying.value = true;
      cancelAnimationFrame(frame);
      look();
    },
    pause: () => { isPlaying.value = false; },
    seeked: look,
    timeupdate: () => { if (frame === 0) look(); },
    canplay: () => { isSecondTry = false; },
    error: () => {
      if (duration.value > 0 && !isSecondTry) loadAgain(audio);
      else hasFailed.value = true;
    },
  };
  for (const [name, handle] of Object.entries(on)) audio.addEventListener(name, handle);
  return () => {
    for (const [name, handle] of Object.entries(on)) audio.removeEventListener(name, handle);
    cancelAnimationFrame(frame);
    audio.pause();
    element = null;
    isSecondTry = false;
    frame = 0;
    time.value = 0;
    duration.value = 0;
    isPlaying.value = false;
    hasFailed.value = false;
  };
}

export function seek(seconds: number): void {
  const at = Math.max(0, duration.value > 0 ? Math.min(seconds, duration.value) : seconds);
  time.value = at;
  if (!element || element.readyState === 0) wanted = at;
  else element.currentTime = at;
}

export const skip = (seconds: number): void => seek(time.value + seconds);

export function play(): void {
  void element?.play().catch(() => {}); // Refused until the first click; the button stays.
}
export const pause = (): void => element?.pause();
export const toggle = (): void => (isPlaying.value ? pause() : play());

export function playFrom(seconds: number): void {
  seek(seconds);
  play();
}

export function chooseRate(next: number): void {
  rate.value = next;
  localStorage.setItem(rateKey, String(next));
  if (element) element.playbackRate = next;
}

/** The next faster (1) or slower (-1) speed. */
export function stepRate(direction: 1 | -1): void {
  const at = rates.findIndex((each) => each >= rate.value - 0.001);
  const next = rates[Math.min(rates.length - 1, Math.max(0, at + direction))];
  if (next !== undefined) chooseRate(next);
}
