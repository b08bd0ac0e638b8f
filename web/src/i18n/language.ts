import { computed, effect, signal } from "@preact/signals";

/** The languages of the app. A page's words are in a file `words.ts` beside it. */
export type Language = "en" | "tr";

const key = "katip.language";

function initial(): Language {
  const kept = globalThis.localStorage?.getItem(key);
  if (kept === "en" || kept === "tr") return kept;
  return globalThis.navigator?.language.toLowerCase().startsWith("tr") ? "tr" : "en";
}

export const language = signal<Language>(initial());
export const locale = computed(() => (language.value === "tr" ? "tr-TR" : "en-GB"));

export function chooseLanguage(chosen: Language): void {
  language.value = chosen;
  localStorage.setItem(key, chosen);
}

/** Keeps <html lang> right, for screen readers, hyphenation and spelling. */
export function followLanguage(): void {
  effect(() => {
    document.documentElement.lang = language.value;
  });
}

type Values = Record<string, string | number>;

export function fill(text: string, values: Values): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) =>
    name in values ? String(values[name]) : whole,
  );
}

type Words = Record<string, string>;
/** "files" for the two keys files_one and files_other. */
type Counted<K> = K extends `${infer Stem}_other` ? Stem : never;

export interface Translate<K extends string> {
  (key: K, values?: Values): string;
  /** The form for this number; `{count}` in it becomes the number. */
  count(stem: Counted<K>, count: number, values?: Values): string;
  /** The word of a state or kind that came from the server: of("state", "done") is state_done, else "done". */
  of(stem: string, value: string): string;
  readonly words: Record<Language, Words>;
}

/**
 * The words of a part of the app in both languages; a key that one of them lacks does not compile.
 * What the function is called from is drawn anew when the language changes.
 */
export function defineWords<T extends Words>(words: {
  en: T;
  tr: { [K in keyof T]: string };
}): Translate<keyof T & string> {
  const find = (key: string): string => (words[language.value] as Words)[key] ?? key;
  const translate = (key: string, values: Values = {}): string => fill(find(key), values);
  const count = (stem: string, number: number, values: Values = {}): string => {
    const form = new Intl.PluralRules(locale.value).select(number) === "one" ? "one" : "other";
    const shown = new Intl.NumberFormat(locale.value).format(number);
    return fill(find(`${stem}_${form}`), { count: shown, ...values });
  };
  const of = (stem: string, value: string): string => (words[language.value] as Words)[`${stem}_${value}`] ?? value;
  return Object.assign(translate, { count, of, words }) as Translate<keyof T & string>;
}
