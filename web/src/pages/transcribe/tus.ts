/**
 * Uploads by tus 1.0: in pieces, with progress, going on where a connection broke or a page was
 * closed. Only what this page needs of the protocol: creation, pieces in order, termination.
 *
 * Source: https://tus.io/protocols/resumable-upload
 */
const version = "1.0.0";
const path = "/api/v1/uploads";
const pieceSize = 32 << 20;
const waitsMs = [500, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000];

/** What is needed of XMLHttpRequest: fetch() does not tell how much of a body has gone. */
export interface Sent {
  status: number;
  header(name: string): string | null;
  text: string;
}
export interface Sending {
  method: string;
  url: string;
  headers: Record<string, string>;
  body?: Blob;
  onProgress?: (sent: number) => void;
  signal?: AbortSignal;
}
export type Send = (sending: Sending) => Promise<Sent>;

/** Where addresses of unfinished uploads are kept over a reload. */
export interface Memory {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

export interface UploadOptions {
  onProgress?: (share: number) => void;
  /** While the connection is away: how long until the next attempt. */
  onWaiting?: (ms: number) => void;
  signal?: AbortSignal;
  send?: Send;
  memory?: Memory;
  wait?: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/** The server refused; trying again would not help. */
export class UploadRefused extends Error {
  readonly status: number;
  readonly body: string;
  constructor(status: number, body: string) {
    super(`the upload was refused with ${status}`);
    this.status = status;
    this.body = body;
  }
}

/** The same file chosen again is known by this. */
export const fingerprint = (file: File): string =>
  `katip.upload.${file.name}.${file.size}.${file.lastModified}`;

const isPassing = (status: number): boolean =>
  status === 0 || status === 408 || status === 423 || status === 429 || status >= 500;

/** Uploads the file and gives the id of the upload, which a job is then made from. */
export async function upload(file: File, options: UploadOptions = {}): Promise<string> {
  const { signal, send = sendByRequest, memory = localStorage, wait = sleep } = options;
  const key = fingerprint(file);
  const ask = (sending: Sending): Promise<Sent> =>
    send({
      ...sending,
      headers: { "Tus-Resumable": version, ...sending.headers },
      ...(signal && { signal }),
    });
  let failures = 0;
  let location = memory.getItem(key);
  let offset: number | null = null; // Not known: it is asked for.
  for (;;) {
    signal?.throwIfAborted();
    let answer: Sent;
    if (location === null) {
      answer = await ask(creation(file));
      location = answer.status === 201 ? pathOf(answer.header("Location")) : null;
      offset = 0;
    } else if (offset === null) {
      answer = await ask({ method: "HEAD", url: location, headers: {} });
      offset = answer.status === 200 ? Number(answer.header("Upload-Offset")) : null;
      if (answer.status === 404 || answer.status === 410) location = null; // Forgotten: begin anew.
    } else {
      const at: number = offset;
      answer = await ask(piece(file, location, at, options.onProgress));
      offset = answer.status === 204 ? Number(answer.header("Upload-Offset")) : null;
      if (answer.status === 409) continue; // Somebody else sent a piece: ask where it stands.
      if (answer.status === 404 || answer.status === 410) location = null;
    }
    if (location === null) memory.removeItem(key);
    else memory.setItem(key, location);
    if (answer.status >= 200 && answer.status < 300) failures = 0;
    else if (isPassing(answer.status)) {
      const ms = waitsMs[Math.min(failures, waitsMs.length - 1)]!;
      failures += 1;
      options.onWaiting?.(ms);
      await wait(ms, signal);
    } else if (answer.status !== 404 && answer.status !== 410) {
      // Who signs in again goes on where it stopped.
      if (answer.status !== 401) memory.removeItem(key);
      throw new UploadRefused(answer.status, answer.text);
    } else if ((failures += 1) > 3) {
      throw new UploadRefused(answer.status, answer.text);
    }
    if (location !== null && offset === file.size) {
      memory.removeItem(key);
      return location.slice(location.lastIndexOf("/") + 1);
    }
  }
}

/** Tells the server to forget what came so far. */
export async function forget(file: File, send: Send = sendByRequest): Promise<void> {
  const location = localStorage.getItem(fingerprint(file));
  localStorage.removeItem(fingerprint(file));
  if (location) {
    await send({ method: "DELETE", url: location, headers: { "Tus-Resumable": version } });
  }
}

function creation(file: File): Sending {
  const metadata = [`filename ${base64(file.name || "recording")}`];
  if (file.type) metadata.push(`filetype ${base64(file.type)}`);
  return {
    method: "POST",
    url: path,
    headers: { "Upload-Length": String(file.size), "Upload-Metadata": metadata.join(",") },
  };
}

function piece(file: File, url: string, offset: number, onProgress?: (share: number) => void): Sending {
  return {
    method: "PATCH",
    url,
    headers: { "Upload-Offset": String(offset), "Content-Type": "application/offset+octet-stream" },
    body: file.slice(offset, offset + pieceSize),
    onProgress: (sent) => onProgress?.(file.size === 0 ? 1 : (offset + sent) / file.size),
  };
}

/** The server may call itself by another name than the browser does, behind a proxy say. */
function pathOf(location: string | null): string | null {
  return location === null ? null : location.replace(/^https?:\/\/[^/]+/, "");
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

function sendByRequest(sending: Sending): Promise<Sent> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(sending.method, sending.url);
    for (const [name, value] of Object.entries(sending.headers)) {
      request.setRequestHeader(name, value);
    }
    request.upload.onprogress = (event) => sending.onProgress?.(event.loaded);
    const finish = (): void =>
      resolve({
        status: request.status,
        header: (name) => request.getResponseHeader(name),
        text: request.responseText,
      });
    request.onload = finish;
    request.onerror = finish; // With status 0.
    request.onabort = () => reject(new DOMException("the upload was stopped", "AbortError"));
    sending.signal?.addEventListener("abort", () => request.abort(), { once: true });
    request.send(sending.body ?? null);
  });
}

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(new DOMException("the upload was stopped", "AbortError"));
    });
  });
}
