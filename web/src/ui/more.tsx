import type { Paged } from "../../api/paged.ts";
import { Button } from "../../ui/button.tsx";
import { t } from "./words.ts";

/** Below a list that goes on. */
export function More<T>({ list }: { list: Paged<T> }) {
  if (!list.last?.has_more) return null;
  return (
    <p class="more">
      <Button icon="down" isBusy={list.isBusy} onClick={list.more}>{t("show_more")}</Button>
    </p>
  );
}
