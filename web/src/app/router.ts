import { computed, signal } from "@preact/signals";

/** Which page the address names, without loading anything anew. */
export interface Place {
  path: string;
  query: URLSearchParams;
  hash: string;
}

const read = (): Place => ({
  path: location.pathname,
  query: new URLSearchParams(location.search),
  hash: location.hash,
});

export const place = signal<Place>(read());
export const query = computed(() => place.value.query);

/** Of a page on which something may be lost. */
export interface LeaveGuard {
  /** Whether something would be lost now. Asked before the window closes, too, which cannot wait. */
  isLosing(): boolean;
  /** Saves it or asks the person: whether the page may be left. */
  mayLeave(): Promise<boolean>;
}
let guard: LeaveGuard | null = null;

/** Of the page that is shown; null: nothing is lost. */
export function guardLeaving(next: LeaveGuard | null): void {
  guard = next;
}

/** Asks the page that is shown, which then asks the person where something would be lost. */
export async function mayLeave(): Promise<boolean> {
  if (guard?.isLosing() && !(await guard.mayLeave())) return false;
  guard = null;
  return true;
}

let position = Number((history.state as { position?: number } | null)?.position ?? 0);

export interface Going {
  /** The address before is not kept for the back button. */
  replace?: boolean;
}

/** Goes to "/library?q=court"; the same page with another query is asked no questions. */
export async function go(to: string, { replace = false }: Going = {}): Promise<void> {
  const target = new URL(to, location.href);
  const isElsewhere = target.pathname !== place.value.path;
  if (isElsewhere && !(await mayLeave())) return;
  if (replace) {
    history.replaceState({ position }, "", target);
  } else {
    position += 1;
    history.pushState({ position }, "", target);
  }
  place.value = read();
  if (isElsewhere) scrollTo(0, 0);
}

/** Changes the query of this page; null takes a parameter away. Filters leave no trace on the way back. */
export function setQuery(values: Record<string, string | null>, going: Going = { replace: true }): void {
  const next = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(values)) {
    if (value === null || value === "") next.delete(name);
    else next.set(name, value);
  }
  const text = next.toString();
  void go(location.pathname + (text ? `?${text}` : "") + location.hash, going);
}

/** A path of pages.json as a pattern: "/transcripts/{id}" finds its id. */
export function matchPath(pattern: string, path: string): Record<string, string> | null {
  const names: string[] = [];
  const source = pattern.replace(/\{(\w+)\}/g, (_, name: string) => {
    names.push(name);
    return "([^/]+)";
  });
  const found = new RegExp(`^${source}/?$`).exec(path);
  if (!found) return null;
  return Object.fromEntries(names.map((name, i) => [name, decoded(found[i + 1] ?? "")]));
}

/** Addresses come from anywhere: what is no text after "%" stays as it is. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function isPlainClick(event: MouseEvent): boolean {
  const isModified = event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
  return !event.defaultPrevented && event.button === 0 && !isModified;
}

/** Links to pages of the app are ordinary <a>; this keeps them from loading it anew. */
export function followLinks(isPage: (path: string) => boolean): void {
  document.addEventListener("click", (event) => {
    const link = (event.target as Element | null)?.closest?.("a[href]");
    if (!(link instanceof HTMLAnchorElement) || !isPlainClick(event)) return;
    const isOurs = link.origin === location.origin && !link.target && !link.hasAttribute("download");
    const isJump = link.pathname === location.pathname && link.hash !== "";
    if (!isOurs || isJump || !isPage(link.pathname)) return;
    event.preventDefault();
    void go(link.href);
  });
  addEventListener("popstate", () => void returnTo());
  addEventListener("beforeunload", (event) => {
    if (guard?.isLosing()) event.preventDefault();
  });
}

async function returnTo(): Promise<void> {
  const next = Number((history.state as { position?: number } | null)?.position ?? 0);
  if (location.pathname !== place.value.path && !(await mayLeave())) {
    history.go(position - next); // Back to where the unsaved work is.
    return;
  }
  position = next;
  place.value = read();
}
