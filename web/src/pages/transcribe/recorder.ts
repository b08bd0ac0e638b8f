import { signal } from "@preact/signals";

/** The microphone: what is recorded becomes a file that is sent like any other. */
export type RecorderState = "idle" | "asking" | "recording" | "paused";
export type RecorderProblem = "denied" | "missing" | "insecure" | "broken";

export const state = signal<RecorderState>("idle");
export const problem = signal<RecorderProblem | null>(null);
/** Seconds recorded. */
export const seconds = signal(0);
/** 0 to 1, as loud as it is now. */
export const level = signal(0);

interface Running {
  recorder: MediaRecorder;
  stream: MediaStream;
  audio: AudioContext;
  pieces: Blob[];
  frame: number;
  startedAt: number;
  before: number;
}
let running: Running | null = null;

const types = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"];

function problemOf(cause: unknown): RecorderProblem {
  const name = cause instanceof DOMException ? cause.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "denied";
  return name === "NotFoundError" ? "missing" : "broken";
}

export async function start(): Promise<void> {
  problem.value = null;
  if (!navigator.mediaDevices) {
    problem.value = "insecure"; // Browsers give microphones to https and to localhost only.
    return;
  }
  state.value = "asking";
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } });
    const mimeType = types.find((each) => MediaRecorder.isTypeSupported(each));
    const recorder = new MediaRecorder(stream, mimeType ? { mimeType } : {});
    const audio = new AudioContext();
    running = { recorder, stream, audio, pieces: [], frame: 0, startedAt: performance.now(), before: 0 };
    recorder.ondataavailable = (event) => running?.pieces.push(event.data);
    recorder.start(1_000); // What is there after each second is kept, whatever happens.
    measure(running);
    seconds.value = 0;
    state.value = "recording";
  } catch (cause) {
    state.value = "idle";
    problem.value = problemOf(cause);
  }
}

function measure(now: Running): void {
  const analyser = now.audio.createAnalyser();
  analyser.fftSize = 1024;
  now.audio.createMediaStreamSource(now.stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const look = (): void => {
    now.frame = requestAnimationFrame(look);
    if (state.value !== "recording") return;
    analyser.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, each) => sum + each * each, 0) / samples.length;
    const decibel = 10 * Math.log10(power + 1e-9);
    level.value = Math.min(1, Math.max(0, (decibel + 60) / 55)); // -60 dB is silence here.
    seconds.value = now.before + (performance.now() - now.startedAt) / 1000;
  };
  look();
}

export function pause(): void {
  if (!running) return;
  running.recorder.pause();
  running.before = seconds.value;
  level.value = 0;
  state.value = "paused";
}

export function resume(): void {
  if (!running) return;
  running.recorder.resume();
  running.startedAt = performance.now();
  state.value = "recording";
}

/** Ends the recording and gives it; null when it is thrown away. */
export function stop(keep: "keep" | "discard", name: string): Promise<File | null> {
  const now = running;
  running = null;
  if (!now) return Promise.resolve(null);
  return new Promise((resolve) => {
    now.recorder.onstop = () => {
      cancelAnimationFrame(now.frame);
      for (const track of now.stream.getTracks()) track.stop();
      void now.audio.close();
      state.value = "idle";
      level.value = 0;
      const type = now.recorder.mimeType.split(";")[0] ?? "audio/webm";
      const ending = type.split("/")[1] ?? "webm";
      const file = new File(now.pieces, `${name}.${ending}`, { type });
      resolve(keep === "keep" ? file : null);
    };
    now.recorder.ondataavailable = (event) => now.pieces.push(event.data);
    now.recorder.stop();
  });
}
