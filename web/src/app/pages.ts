import type { ComponentType } from "preact";
import declared from "../../pages.json" with { type: "json" };
import type { Scope } from "../api/types.ts";
import type { IconName } from "../ui/icon.tsx";
import { matchPath } from "./router.ts";

/** What a page gets: the variables of its path. */
export interface PageProps {
  values: Record<string, string>;
}

interface Loader {
  icon: IconName;
  load: () => Promise<{ default: ComponentType<PageProps> }>;
}

/**
 * The code of each page of pages.json, loaded when it is first shown. A new page needs: its entry
 * in pages.json (the server answers that path then), a line here, and its name in app/words.ts.
 */
const loaders: Record<string, Loader> = {
  transcribe: { icon: "mic", load: () => import("../pages/transcribe/transcribe_page.tsx") },
  library: { icon: "library", load: () => import("../pages/library/library_page.tsx") },
  transcript: { icon: "text", load: () => import("../pages/transcript/transcript_page.tsx") },
  lexicon: { icon: "book", load: () => import("../pages/lexicon/lexicon_page.tsx") },
  queue: { icon: "queue", load: () => import("../pages/queue/queue_page.tsx") },
  task: { icon: "queue", load: () => import("../pages/queue/task_page.tsx") },
  account: { icon: "user", load: () => import("../pages/account/account_page.tsx") },
  system: { icon: "gauge", load: () => import("../pages/system/system_page.tsx") },
};

export interface PageEntry extends Loader {
  name: string;
  path: string;
  scope: Scope;
  isInNavigation: boolean;
  /** The page of the navigation that it belongs to; its own name where it is one. */
  section: string;
}

export const pages: PageEntry[] = declared.flatMap((page) => {
  const loader = loaders[page.name];
  if (!loader) return [];
  const { name, path, scope, place } = page;
  const isInNavigation = place === "nav";
  return [{ ...loader, name, path, scope: scope as Scope, isInNavigation, section: isInNavigation ? name : place }];
});

export function findPage(path: string): { page: PageEntry; values: Record<string, string> } | null {
  for (const page of pages) {
    const values = matchPath(page.path, path);
    if (values) return { page, values };
  }
  return null;
}
