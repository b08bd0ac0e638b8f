import type { ApiFailure } from "../api/client.ts";
import { inLanguage, said } from "./server_words.ts";
import { t } from "./words.ts";

const known = [
  "OFFLINE",
  "UNAUTHENTICATED",
  "PERMISSION_DENIED",
  "NOT_FOUND",
  "RATE_LIMITED",
  "QUOTA_EXCEEDED",
  "TOO_LARGE",
] as const;

/** What a person reads about a failure: what it is and what to do about it. */
export function failureText(failure: ApiFailure): string {
  // The server's own messages say what to do, where it is more than what a status says.
  const exact = inLanguage(failure.message);
  if (exact && failure.status !== 401) return exact;
  const code = known.find((each) => each === failure.code);
  if (code) return t(`failure_${code}`);
  if (failure.status === 412) return t("failure_UNSAVED");
  if (failure.status === 503 || failure.status === 504) return t("failure_away");
  if (failure.status === 500 && failure.requestId) {
    return t("failure_server", { id: failure.requestId });
  }
  const fields = failure.fields.map((each) => `${each.field.replace(/^\//, "")}: ${said(each.message)}`);
  return fields.length > 0 ? fields.join("; ") : failure.message;
}
