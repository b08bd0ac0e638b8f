import { signal } from "@preact/signals";

/**
 * Requests to the server and what comes back. Everything in /api/v1 answers in one envelope:
 * {success, data, message, timestamp}, or {success, error: {code, message, details}, timestamp}.
 */
export interface FieldError {
  field: string;
  message: string;
}

/** A request that was refused, or that no answer came to (code OFFLINE, status 0). */
export class ApiFailure extends Error {
  readonly status: number;
  readonly code: string;
  readonly fields: FieldError[];
  readonly requestId: string | null;
  readonly retryAfterS: number | null;

  constructor(status: number, code: string, message: string, more: Partial<ApiFailure> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.fields = more.fields ?? [];
    this.requestId = more.requestId ?? null;
    this.retryAfterS = more.retryAfterS ?? null;
  }
}

export interface Answer<T> {
  data: T;
  /** For If-Match when this is changed. */
  tag: string | null;
  headers: Headers;
}

/** A part of a list. */
export interface Page<T> {
  items: T[];
  has_more: boolean;
  next_cursor: string | null;
}

export type Query = Record<string, string | number | boolean | string[] | null | undefined>;

export interface Asking {
  query?: Query;
  json?: unknown;
  text?: string;
  ifMatch?: string;
  /** Sent twice, done once. */
  idempotencyKey?: string;
  signal?: AbortSignal;
}

/** Whether the last request reached the server. */
export const isOnline = signal(true);
/** Set when the server says 401: whoever was signed in is not any more. */
export const isSignedOut = signal(false);

export function withQuery(path: string, query: Query = {}): string {
  const parts = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === null || value === undefined || value === "") continue;
    for (const each of Array.isArray(value) ? value : [value]) parts.append(name, String(each));
  }
  const text = parts.toString();
  return text ? `${path}?${text}` : path;
}

function failureOf(response: Response, body: unknown): ApiFailure {
  const error = (body as { error?: Record<string, unknown> } | null)?.error;
  const fields = Array.isArray(error?.details) ? (error.details as FieldError[]) : [];
  const wait = Number(response.headers.get("Retry-After"));
  return new ApiFailure(
    response.status,
    typeof error?.code === "string" ? error.code : `HTTP_${response.status}`,
    typeof error?.message === "string" ? error.message : response.statusText,
    {
      fields,
      requestId: response.headers.get("X-Request-Id"),
      retryAfterS: Number.isFinite(wait) && wait > 0 ? wait : null,
    },
  );
}

async function send(method: string, path: string, asking: Asking): Promise<Response> {
  if (isSignedOut.value && !path.startsWith("/api/v1/auth/")) {
    // The answer is known, and a server counts refusals.
    throw new ApiFailure(401, "UNAUTHENTICATED", "nobody is signed in");
  }
  const headers = new Headers({ Accept: "application/json" });
  let body: BodyInit | undefined;
  if (asking.json !== undefined) {
    headers.set("Content-Type", "application/json");
    body = JSON.stringify(asking.json);
  } else if (asking.text !== undefined) {
    headers.set("Content-Type", "text/plain");
    body = asking.text;
  }
  if (asking.ifMatch) headers.set("If-Match", asking.ifMatch);
  if (asking.idempotencyKey) headers.set("Idempotency-Key", asking.idempotencyKey);
  try {
    const response = await fetch(withQuery(path, asking.query), {
      method,
      headers,
      body: body ?? null,
      signal: asking.signal ?? null,
      credentials: "same-origin",
    });
    isOnline.value = true;
    return response;
  } catch (cause) {
    if (asking.signal?.aborted) throw cause;
    isOnline.value = false;
    throw new ApiFailure(0, "OFFLINE", "the server does not answer");
  }
}

/** Any request. `path` begins with /api/v1, or is one of the server's own such as /health. */
export async function ask<T>(method: string, path: string, asking: Asking = {}): Promise<Answer<T>> {
  const response = await send(method, path, asking);
  const text = await response.text();
  let body: unknown = null;
  try {
    body = text ? JSON.parse(text) : null;
  } catch {
    // A proxy's page, say: its status speaks for it.
  }
  if (!response.ok) {
    if (response.status === 401) isSignedOut.value = true;
    throw failureOf(response, body);
  }
  const isEnveloped = body !== null && typeof body === "object" && "success" in body;
  return {
    data: (isEnveloped ? (body as unknown as { data: T }).data : body) as T,
    tag: response.headers.get("ETag"),
    headers: response.headers,
  };
}

const base = "/api/v1";
const absolute = (path: string): string => (path.startsWith("/health") ? path : base + path);

/** The address of something in the API, for links and players: url("/jobs/1/audio"). */
export const url = (path: string, query: Query = {}): string => withQuery(absolute(path), query);

export async function get<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
  return (await ask<T>("GET", absolute(path), { query, ...(signal && { signal }) })).data;
}
export async function post<T>(path: string, json?: unknown, more: Asking = {}): Promise<T> {
  return (await ask<T>("POST", absolute(path), { json, ...more })).data;
}
export async function put<T>(path: string, json: unknown, more: Asking = {}): Promise<T> {
  return (await ask<T>("PUT", absolute(path), { json, ...more })).data;
}
export async function patch<T>(path: string, json: unknown, more: Asking = {}): Promise<T> {
  return (await ask<T>("PATCH", absolute(path), { json, ...more })).data;
}
export async function remove(path: string, more: Asking = {}): Promise<void> {
  await ask<unknown>("DELETE", absolute(path), more);
}
