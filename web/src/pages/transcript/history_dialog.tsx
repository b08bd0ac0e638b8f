import { get } from "../../api/client.ts";
import { useLoaded } from "../../api/loaded.ts";
import type { Segment } from "../../api/types.ts";
import { ago, clock } from "../../i18n/format.ts";
import { Button } from "../../ui/button.tsx";
import { confirmed, Dialog } from "../../ui/dialog.tsx";
import { Empty, Failed, Loading } from "../../ui/empty.tsx";
import { report, say } from "../../ui/toast.tsx";
import type { Editor } from "./editor.ts";
import { exactClock } from "./times.ts";
import { WordDiff } from "./word_diff.tsx";
import { t } from "./words.ts";

interface EditRecord {
  version: number;
  kind: "edit" | "undo";
  restored_version: number | null;
  editor: string | null;
  created_at: string;
  changes: { index: number; before: Segment[]; after: Segment[] }[];
}

interface HistoryProps {
  jobId: string;
  editor: Editor;
  canEdit: boolean;
  onClose: () => void;
}

/** Who changed the text, when and how; any version can come back. */
export function HistoryDialog({ jobId, editor, canEdit, onClose }: HistoryProps) {
  const list = useLoaded(
    (signal) => get<{ items: EditRecord[] }>(`/jobs/${jobId}/history`, { limit: 100 }, signal),
    [jobId, editor.version.value],
  );
  const restore = async (version: number): Promise<void> => {
    const isSure = await confirmed({
      title: t("restore_title", { version }), text: t("restore_text"), action: t("restore"),
    });
    if (!isSure) return;
    try {
      await editor.restore(version);
      say(t("restored", { version }));
      onClose();
    } catch (cause) {
      report(cause);
    }
  };
  const items = list.data?.items ?? [];
  return (
    <Dialog title={t("history")} onClose={onClose} size="large">
      {list.failure && <Failed failure={list.failure} onRetry={list.reload} />}
      {!list.data && list.isLoading && <Loading />}
      {list.data && items.length === 0 && <Empty icon="history" title={t("history_none")} />}
      <ol class="history">
        {items.map((record) => (
          <li key={record.version}>
            <div class="history-head">
              <div>
                <h3>{t("history_version", { version: record.version })}</h3>
                <p class="quiet small">
                  {t("history_by", { who: record.editor ?? "—", when: ago(record.created_at) })}
                  {" · "}
                  {record.kind === "undo"
                    ? t("history_undo", { version: record.restored_version ?? 1 })
                    : t.count("history_changes", record.changes.length)}
                </p>
              </div>
              {canEdit && (
                <Button icon="history" onClick={() => void restore(record.version - 1)}>
                  {record.version === 2
                    ? t("history_machine")
                    : t("history_version", { version: record.version - 1 })}
                </Button>
              )}
            </div>
            {record.changes.slice(0, 8).map((change) => (
              <Change key={change.index} before={change.before} after={change.after} />
            ))}
            {record.changes.length > 8 && <p class="quiet">…</p>}
          </li>
        ))}
      </ol>
    </Dialog>
  );
}

/** What became of some segments: their number, their times, their words. */
function Change({ before, after }: { before: Segment[]; after: Segment[] }) {
  const [old, now] = [textOf(before), textOf(after)];
  const isSame = old === now;
  if (isSame && after.length !== before.length) {
    const place = clock((after.length > before.length ? after : before)[1]?.start ?? 0, true);
    return <p class="small">{t(after.length > before.length ? "history_split" : "history_joined", { time: place })}</p>;
  }
  return (
    <>
      {before.length === after.length && before.map((each, i) => timesOf(each) !== timesOf(after[i]!) && (
        <p key={i} class="small number">{t("history_times", { before: timesOf(each), after: timesOf(after[i]!) })}</p>
      ))}
      {!isSame && <WordDiff before={old} after={now} />}
      {isSame && <p class="small quiet">{old}</p>}
    </>
  );
}

const timesOf = ({ start, end }: Segment): string => `${exactClock(start)} – ${exactClock(end)}`;
const textOf = (segments: Segment[]): string => segments.map((each) => each.text).join(" ");
