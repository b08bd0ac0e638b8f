import { computed, signal } from "@preact/signals";
import { ApiFailure, get, isSignedOut, post } from "../api/client.ts";
import { asFailure } from "../api/loaded.ts";
import type { Principal, Scope } from "../api/types.ts";
import { mayLeave } from "./router.ts";

/** Who works here: null while nobody has signed in. */
export const principal = signal<Principal | null>(null);
/** The session ended while somebody worked: the page waits as it is until they sign in again. */
export const hasEnded = computed(() => isSignedOut.value && principal.value !== null);
/** Whether that is not known yet; then nothing is shown. */
export const isAsking = signal(true);
/** Why it could not be found out; the shell offers to try again. */
export const sessionFailure = signal<ApiFailure | null>(null);

export function may(scope: Scope): boolean {
  const scopes = principal.value?.scopes ?? [];
  return scopes.includes("all") || scopes.includes(scope);
}

/** An installation without accounts, open to whoever sits at this machine. */
export const isOpenInstallation = (): boolean => principal.value?.kind === "open";

export async function findOutWho(): Promise<void> {
  isAsking.value = true;
  try {
    principal.value = await get<Principal>("/auth/me");
    isSignedOut.value = false;
    sessionFailure.value = null;
  } catch (cause) {
    const failure = asFailure(cause);
    principal.value = null;
    sessionFailure.value = failure.status === 401 ? null : failure;
  } finally {
    isAsking.value = false;
  }
}

export async function signIn(login: string, password: string): Promise<void> {
  const answer = await post<{ principal: Principal }>("/auth/login", { login, password });
  const before = principal.value;
  if (before && before.id !== answer.principal.id) {
    location.reload(); // What the one before had open is not for this one.
    return;
  }
  principal.value = answer.principal;
  isSignedOut.value = false;
}

export async function signOut(): Promise<void> {
  if (!(await mayLeave())) return;
  await post("/auth/logout");
  location.reload(); // Nothing of theirs stays in this window.
}
