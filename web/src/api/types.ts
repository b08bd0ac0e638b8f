/** What the API gives, as far as the app reads it; docs/api.md and /openapi.json have the rest. */
export type Scope =
  | "transcribe"
  | "jobs:read"
  | "jobs:write"
  | "lexicon:read"
  | "lexicon:write"
  | "logs:read"
  | "logs:write"
  | "webhooks"
  | "operate"
  | "admin";

export interface Principal {
  kind: "open" | "user" | "api_key" | "command";
  id: string;
  name: string;
  owner: string;
  /** "all" stands for every scope. */
  scopes: (Scope | "all")[];
  sees_all: boolean;
}

export type JobStatus = "queued" | "processing" | "completed" | "failed" | "cancelled";

export interface Job {
  job_id: string;
  status: JobStatus;
  kind: string;
  priority: number;
  progress: number;
  name: string | null;
  source_url: string | null;
  media_type: string | null;
  audio_duration_s: number | null;
  language: string | null;
  detected_language: string | null;
  model: string | null;
  engine: string | null;
  confidence: number | null;
  processing_s: number | null;
  queue_wait_s: number | null;
  realtime_factor: number | null;
  submitted_by: string | null;
  tags: string[];
  options: Record<string, unknown>;
  file_size: number | null;
  created_at: string;
  updated_at: string;
  started_at: string | null;
  completed_at: string | null;
  expires_at: string | null;
  error: { code: string; message: string | null } | null;
}

export interface Word {
  text: string;
  start: number;
  end: number;
  probability: number;
}

export interface Segment {
  index: number;
  start: number;
  end: number;
  text: string;
  speaker: string | null;
  words: Word[];
}

/** Where a text has what was searched for; the ranges count its bytes as UTF-8. */
export interface Snippet {
  text: string;
  matches: { begin: number; end: number }[];
  is_cut_before: boolean;
  is_cut_after: boolean;
}

export interface TagFigures {
  tag: string;
  job_count: number;
}
