import { effect, signal } from "@preact/signals";
import { listOf } from "../../jobs/typed_list.ts";

/** What the next recordings are transcribed with; the browser remembers it. */
export interface Options {
  /** One of those that the server has; "": the one that it serves. */
  model: string;
  /** "": detected. */
  language: string;
  /** How many texts are weighed against each other; "": the server decides. */
  beam: string;
  isTranslated: boolean;
  hasWordTimes: boolean;
  /** A speaker for each channel of the recording. */
  isSeparate: boolean;
  prompt: string;
  /** Names and terms to expect, as typed: separated by commas or lines. */
  keywords: string;
  /** 0 to 10; "": the server decides. */
  priority: string;
  tags: string;
  /** Days until it is deleted, "0" for ever; "": the server decides. */
  keepDays: string;
}

const key = "katip.options";
const defaults: Options = {
  model: "",
  language: "",
  beam: "",
  isTranslated: false,
  hasWordTimes: true,
  isSeparate: false,
  prompt: "",
  keywords: "",
  priority: "",
  tags: "",
  keepDays: "",
};

function kept(): Options {
  try {
    const found = JSON.parse(globalThis.localStorage?.getItem(key) ?? "{}") as Partial<Options>;
    const known = Object.entries(found).filter(
      ([name, value]) => typeof value === typeof defaults[name as keyof Options],
    );
    return { ...defaults, ...(Object.fromEntries(known) as Partial<Options>) };
  } catch {
    return defaults; // Somebody else wrote there.
  }
}

export const options = signal<Options>(kept());

export function rememberOptions(): () => void {
  return effect(() => localStorage.setItem(key, JSON.stringify(options.value)));
}

export function change(part: Partial<Options>): void {
  options.value = { ...options.value, ...part };
}

/** As POST /api/v1/jobs takes them. */
export function toRequest(chosen: Options): Record<string, unknown> {
  const given: Record<string, unknown> = { word_times: chosen.hasWordTimes };
  if (chosen.model) given.model = chosen.model;
  if (chosen.language) given.language = chosen.language;
  if (chosen.beam) given.beam_size = Number(chosen.beam);
  if (chosen.isTranslated) given.task = "translate";
  if (chosen.isSeparate) given.channels = "separate";
  if (chosen.prompt.trim()) given.prompt = chosen.prompt.trim();
  const keywords = listOf(chosen.keywords);
  if (keywords.length > 0) given.lexicon = keywords;
  const request: Record<string, unknown> = { options: given };
  if (chosen.priority !== "") request.priority = Number(chosen.priority);
  if (chosen.keepDays !== "") request.keep_days = Number(chosen.keepDays);
  const tags = listOf(chosen.tags);
  if (tags.length > 0) request.tags = tags;
  return request;
}

/** What a recording was transcribed with, as far as the form shows it. */
export function optionsOf(given: Record<string, unknown>, tags: string[]): Options {
  const text = (name: string): string => (typeof given[name] === "string" ? given[name] : "");
  const terms = Array.isArray(given.lexicon) ? given.lexicon : [];
  const beam = String(given.beam_size ?? "");
  return {
    ...defaults,
    model: text("model"),
    language: text("language") === "auto" ? "" : text("language"),
    beam: ["1", "5"].includes(beam) ? beam : "",
    isTranslated: given.task === "translate",
    hasWordTimes: given.word_times === true,
    isSeparate: given.channels === "separate",
    prompt: text("prompt"),
    keywords: terms.map((each: unknown) =>
      typeof each === "string" ? each : String((each as { term?: unknown }).term ?? "")).join(", "),
    tags: tags.join(", "),
  };
}

/** As POST /api/v1/jobs/{id}/again takes it: what differs; all else stays as it was. */
export function toChanges(before: Options, now: Options): Record<string, unknown> {
  const given: Record<string, unknown> = {};
  const isOther = (name: keyof Options): boolean => now[name] !== before[name];
  if (isOther("model")) given.model = now.model || null;
  if (isOther("language")) given.language = now.language || "auto";
  if (isOther("beam")) given.beam_size = now.beam ? Number(now.beam) : null;
  if (isOther("isTranslated")) given.task = now.isTranslated ? "translate" : "transcribe";
  if (isOther("hasWordTimes")) given.word_times = now.hasWordTimes;
  if (isOther("isSeparate")) given.channels = now.isSeparate ? "separate" : "mix";
  if (isOther("prompt")) given.prompt = now.prompt.trim() || null;
  if (isOther("keywords")) given.lexicon = listOf(now.keywords);
  const request: Record<string, unknown> = { options: given };
  if (isOther("tags")) request.tags = listOf(now.tags);
  if (now.priority !== "") request.priority = Number(now.priority);
  if (now.keepDays !== "") request.keep_days = Number(now.keepDays);
  return request;
}
