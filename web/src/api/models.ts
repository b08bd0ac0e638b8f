import { ask } from "./client.ts";
import { type Loaded, useLoaded } from "./loaded.ts";

export interface Model {
  id: string;
  /** "katip": one that is here; "openai": a name of theirs for the one that is served. */
  owned_by: string;
}

/** The names that requests may use. */
export function useModels(): Loaded<Model[]> {
  return useLoaded<Model[]>(
    async (signal) => (await ask<{ data: Model[] }>("GET", "/v1/models", { signal })).data.data,
    [],
  );
}
