import type { Paged } from "../api/paged.ts";
import { t } from "../app/words.ts";
import { Button } from "./button.tsx";

/** Below a list that goes on. */
export function More<T>({ list }: { list: Paged<T> }) {
  if (!list.last?.has_more) return null;
  return (
    <p class="more">
      <Button icon="down" isBusy={list.isBusy} onClick={list.more}>{t("show_more")}</Button>
    </p>
  );
}
