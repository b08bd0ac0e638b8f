import { signal } from "@preact/signals";
import { asFailure } from "../api/loaded.ts";
import { failureText } from "../app/failure_text.ts";
import { t } from "../app/words.ts";
import { Button } from "./button.tsx";
import { Icon } from "./icon.tsx";

interface Toast {
  id: number;
  kind: "done" | "failed";
  text: string;
  action?: { text: string; run: () => void };
}

const toasts = signal<Toast[]>([]);
const timers = new Map<number, ReturnType<typeof setTimeout>>();
let count = 0;

function dismiss(id: number): void {
  clearTimeout(timers.get(id));
  timers.delete(id);
  toasts.value = toasts.value.filter((each) => each.id !== id);
}

function dismissLater(id: number, ms: number): void {
  clearTimeout(timers.get(id));
  timers.set(id, setTimeout(() => dismiss(id), ms));
}

function show(toast: Omit<Toast, "id">, ms: number): void {
  count += 1;
  toasts.value = [...toasts.value.slice(-3), { ...toast, id: count }];
  dismissLater(count, ms);
}

/** Whoever reads one, or is about to press its button, has the time for it. */
const hold = (): void => timers.forEach((timer) => clearTimeout(timer));
const letGo = (): void => toasts.value.forEach(({ id }) => dismissLater(id, 4_000));

/** A short word that something was done; with an action, such as undo, it stays longer. */
export function say(text: string, action?: Toast["action"]): void {
  show({ kind: "done", text, ...(action && { action }) }, action ? 12_000 : 5_000);
}

/** Tells a failure of a request to whoever made it: `post(…).catch(report)`. */
export function report(cause: unknown): void {
  if (cause instanceof DOMException && cause.name === "AbortError") return;
  const failure = asFailure(cause);
  if (failure.status === 401) return; // The sign-in page says it.
  show({ kind: "failed", text: failureText(failure) }, 12_000);
}

export function Toasts() {
  return (
    <div
      class="toasts"
      role="status"
      aria-live="polite"
      onMouseEnter={hold}
      onMouseLeave={letGo}
      onFocusIn={hold}
      onFocusOut={letGo}
    >
      {toasts.value.map((toast) => (
        <div key={toast.id} class={`toast toast-${toast.kind}`}>
          <Icon name={toast.kind === "done" ? "check" : "warning"} />
          <p>{toast.text}</p>
          {toast.action && (
            <Button
              kind="quiet"
              onClick={() => {
                toast.action?.run();
                dismiss(toast.id);
              }}
            >
              {toast.action.text}
            </Button>
          )}
          <Button kind="quiet" icon="close" label={t("close")} onClick={() => dismiss(toast.id)} />
        </div>
      ))}
    </div>
  );
}
