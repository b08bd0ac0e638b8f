import { t } from "../../app/words.ts";
import { PageHead } from "../../ui/page.tsx";

export default function TranscribePage() {
  return <PageHead title={t("page_transcribe")} />;
}
