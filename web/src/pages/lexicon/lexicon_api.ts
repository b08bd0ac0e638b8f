import { get } from "../../api/client.ts";
import type { Part } from "../../api/paged.ts";

export interface Term {
  id: string;
  term: string;
  language: string;
  category: string;
  weight: number;
  frequency: number;
  alternatives: string[];
  source: "manual" | "learned" | "imported";
  status: "active" | "suggested" | "rejected";
  is_active: boolean;
  created_by: string | null;
  updated_at: string;
}

export interface Evidence {
  job_id: string | null;
  heard: string;
  occurrence_count: number;
  updated_at: string;
}

export interface TermFilter {
  q: string;
  language: string;
  status: string;
  source: string;
}

export const listTerms = (filter: Partial<TermFilter>, cursor: string | null, signal?: AbortSignal): Promise<Part<Term>> =>
  get("/lexicon/terms", { ...filter, cursor, limit: 50 }, signal);

export const listSuggestions = (cursor: string | null, signal?: AbortSignal): Promise<Part<Term>> =>
  get("/lexicon/suggestions", { cursor, limit: 50 }, signal);

export const evidenceOf = async (id: string, signal?: AbortSignal): Promise<Evidence[]> =>
  (await get<{ items: Evidence[] }>(`/lexicon/terms/${id}/evidence`, {}, signal)).items;
