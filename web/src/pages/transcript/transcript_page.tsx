import { t } from "../../app/words.ts";
import { PageHead } from "../../ui/page.tsx";

export default function TranscriptPage() {
  return <PageHead title={t("page_transcript")} />;
}
