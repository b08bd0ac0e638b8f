import { effect, signal } from "@preact/signals";
import { listOf } from "../../jobs/typed_list.ts";

/** What the next recordings are transcribed with; the browser remembers it. */
export interface Options {
  /** One of those that the server has; "": the one that it serves. */
  model: string;
  /** "": detected. */
  language: string;
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
