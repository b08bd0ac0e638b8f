import { url } from "../api/client.ts";
import { Menu } from "../ui/menu.tsx";
import { t } from "./words.ts";

export const formats = ["docx", "txt", "md", "srt", "vtt", "json", "tsv", "lrc"] as const;
export type Format = (typeof formats)[number];

/** Every format as a download. */
export function ExportMenu({ jobId }: { jobId: string }) {
  return (
    <Menu text={t("export")} icon="download">
      {formats.map((format) => (
        <a key={format} href={url(`/jobs/${jobId}/transcript`, { format, download: true })} download="">
          {t(`format_${format}`)}
        </a>
      ))}
    </Menu>
  );
}
