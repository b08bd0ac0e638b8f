import { url } from "../api/client.ts";
import type { Job } from "../api/types.ts";
import { Menu } from "../ui/menu.tsx";
import { nameOf } from "./status.tsx";
import { t } from "./words.ts";

export const formats = ["docx", "txt", "md", "srt", "vtt", "json", "tsv", "lrc"] as const;
export type Format = (typeof formats)[number];

/** Every format as a download, and the recording while it is there. */
export function ExportMenu({ job, hasSound }: { job: Job; hasSound: boolean }) {
  return (
    <Menu text={t("export")} icon="download">
      {formats.map((format) => (
        <a key={format} href={url(`/jobs/${job.job_id}/transcript`, { format, download: true })} download="">
          {t(`format_${format}`)}
        </a>
      ))}
      {hasSound && <a href={url(`/jobs/${job.job_id}/audio`)} download={nameOf(job)}>{t("recording")}</a>}
    </Menu>
  );
}
