/** Finding and replacing in texts, in capitals or not as the language has them. */
export interface FindOptions {
  /** Of the transcript: in Turkish i is the small İ, and ı the small I. */
  language: string;
  isCaseSensitive: boolean;
  isWholeWord: boolean;
}

export interface Match {
  segment: number;
  begin: number;
  end: number;
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");

/** A letter in both cases. The flag `i` would take I for i, which Turkish does not. */
function inBothCases(letter: string, language: string): string {
  const locale = language || "en";
  const forms = [letter, letter.toLocaleLowerCase(locale), letter.toLocaleUpperCase(locale)];
  return `(?:${[...new Set(forms)].map(escaped).join("|")})`;
}

/** Null when there is nothing to look for. */
export function pattern(text: string, options: FindOptions): RegExp | null {
  if (text === "") return null;
  const { language, isCaseSensitive, isWholeWord } = options;
  const source = isCaseSensitive
    ? escaped(text)
    : [...text].map((letter) => inBothCases(letter, language)).join("");
  return new RegExp(isWholeWord ? `(?<![\\p{L}\\p{N}])${source}(?![\\p{L}\\p{N}])` : source, "gu");
}

export function findIn(texts: string[], wanted: RegExp | null): Match[] {
  if (!wanted) return [];
  return texts.flatMap((text, segment) =>
    [...text.matchAll(wanted)].map((found) => ({
      segment, begin: found.index, end: found.index + found[0].length,
    })),
  );
}

/** The first place at or behind `begin` of a segment, else the first of all; -1 when there is none. */
export function placeFrom(matches: Match[], segment: number, begin: number): number {
  if (matches.length === 0) return -1;
  const found = matches.findIndex(
    (each) => each.segment > segment || (each.segment === segment && each.begin >= begin),
  );
  return Math.max(0, found);
}

export const replaceOne = (text: string, match: Match, by: string): string =>
  text.slice(0, match.begin) + by + text.slice(match.end);

/** The new texts of those that change. */
export function replaceAll(texts: string[], wanted: RegExp | null, by: string): { index: number; text: string }[] {
  if (!wanted) return [];
  return texts.flatMap((text, index) => {
    const replaced = text.replace(wanted, () => by);
    return replaced === text ? [] : [{ index, text: replaced }];
  });
}
