import { effect, signal } from "@preact/signals";
import { type EventFeed, follow } from "./events.ts";

/**
 * The one stream on which the server says that something has moved; pages ask for it again then. It
 * is open while a page that follows is seen: browsers give a server six lines only, for all windows.
 */
export type Moving = "jobs" | "queue";

/** They count what was told; where the stream is broken pages ask by the clock instead. */
export const moved = { jobs: signal(0), queue: signal(0) };
export const isTold = signal(false);

let followerCount = 0;
let feed: EventFeed | null = null;

function decide(): void {
  const isWanted = followerCount > 0 && document.visibilityState === "visible";
  if (isWanted && !feed) {
    const count = (what: Moving) => (): void => { moved[what].value += 1; };
    feed = follow("/changes", {
      on: { jobs: count("jobs"), queue: count("queue") },
      onOpen: () => {
        isTold.value = true;
        // What moved while there was no stream nobody was told of.
        moved.jobs.value += 1;
        moved.queue.value += 1;
      },
      onBreak: () => { isTold.value = false; },
    });
  } else if (!isWanted && feed) {
    feed.close();
    feed = null;
    isTold.value = false;
  }
}

/** Gives a function that ends it. */
export function followChanges(): () => void {
  if (followerCount === 0) document.addEventListener("visibilitychange", decide);
  followerCount += 1;
  decide();
  return () => {
    followerCount -= 1;
    if (followerCount === 0) document.removeEventListener("visibilitychange", decide);
    decide();
  };
}

const pauseMs = 1_000;
/** How long something waits and the like grows without anything that moves. */
const staleMs = 15_000;

/**
 * Calls back when it has moved, at most once a second and not in the dark; by the clock, every
 * `everyMs`, while nobody tells, and seldom while somebody does.
 */
export function whenMoved(what: Moving, everyMs: number, run: () => void): () => void {
  const stop = followChanges();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let ranAt = Date.now();
  const go = (): void => {
    timer = undefined;
    ranAt = Date.now();
    if (document.visibilityState === "visible") run();
  };
  let seen = moved[what].peek();
  const stopEffect = effect(() => {
    const now = moved[what].value;
    if (now === seen) return;
    seen = now;
    timer ??= setTimeout(go, Math.max(0, pauseMs - (Date.now() - ranAt)));
  });
  const clock = setInterval(() => {
    if (!isTold.peek() || Date.now() - ranAt >= staleMs) go();
  }, everyMs);
  return () => {
    stopEffect();
    stop();
    clearTimeout(timer);
    clearInterval(clock);
  };
}
