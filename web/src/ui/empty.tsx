import type { ComponentChildren } from "preact";
import type { ApiFailure } from "../api/client.ts";
import { failureText } from "../app/failure_text.ts";
import { t } from "../app/words.ts";
import { Button } from "./button.tsx";
import { Icon, type IconName } from "./icon.tsx";

export interface EmptyProps {
  icon?: IconName;
  title: string;
  text?: string;
  children?: ComponentChildren;
}

/** In place of a list with nothing in it: why, and what to do next. */
export function Empty({ icon = "search", title, text, children }: EmptyProps) {
  return (
    <div class="empty">
      <Icon name={icon} />
      <h2>{title}</h2>
      {text && <p>{text}</p>}
      {children && <div class="empty-actions">{children}</div>}
    </div>
  );
}

/** In place of something that could not be loaded. */
export function Failed({ failure, onRetry }: { failure: ApiFailure; onRetry?: () => void }) {
  return (
    <div role="alert">
      <Empty icon="warning" title={failureText(failure)}>
        {onRetry && <Button icon="retry" onClick={onRetry}>{t("try_again")}</Button>}
      </Empty>
    </div>
  );
}

/** While something is on its way; reserves its place so that nothing jumps. */
export function Loading({ rows = 3 }: { rows?: number }) {
  return (
    <div class="loading" role="status">
      <span class="unseen">{t("loading")}</span>
      {Array.from({ length: rows }, (_, i) => <span key={i} class="loading-row" />)}
    </div>
  );
}
