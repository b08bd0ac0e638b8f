/** So many tags of a recording are shown beside it; the others are counted. */
export const shownTagCount = 8;

export interface SomeTags {
  shown: string[];
  hidden: string[];
}

/** One alone is not hidden: to say that it is takes as much room. */
export function someOf(tags: string[]): SomeTags {
  const count = tags.length > shownTagCount + 1 ? shownTagCount : tags.length;
  return { shown: tags.slice(0, count), hidden: tags.slice(count) };
}
