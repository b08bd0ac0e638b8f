import { isSignedOut, url } from "./client.ts";

/** A stream of server-sent events that comes back by itself until close() is called. */
export interface EventFeed {
  close(): void;
}

export interface EventFeedOptions {
  /** By the name of the event; the data has been parsed. */
  on: Record<string, (data: unknown) => void>;
  /** Each time the stream begins, also after a break: the server tells everything anew then. */
  onOpen?: () => void;
  onBreak?: () => void;
}

const waitsMs = [500, 1_000, 2_000, 5_000, 10_000];

/** `path` as for get(): "/jobs/{id}/events". */
export function follow(path: string, options: EventFeedOptions): EventFeed {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let isClosed = false;

  const open = (): void => {
    if (isSignedOut.value) {
      timer = setTimeout(open, waitsMs.at(-1));
      return;
    }
    source = new EventSource(url(path));
    source.onopen = () => {
      failures = 0;
      options.onOpen?.();
    };
    // The browser gives up for good after an answer that is no stream, so the waiting is ours.
    source.onerror = () => {
      source?.close();
      if (isClosed) return;
      options.onBreak?.();
      const wait = waitsMs[Math.min(failures, waitsMs.length - 1)];
      failures += 1;
      timer = setTimeout(open, wait);
    };
    for (const [name, handle] of Object.entries(options.on)) {
      source.addEventListener(name, (event) => handle(JSON.parse((event as MessageEvent).data)));
    }
  };
  open();
  return {
    close() {
      isClosed = true;
      clearTimeout(timer);
      source?.close();
    },
  };
}
