import { query } from "../../app/router.ts";
import { t as shared } from "../../app/words.ts";
import { PageHead } from "../../ui/page.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import "../../styles/operate.css";
import "./lexicon.css";
import { SuggestionsView } from "./suggestions_view.tsx";
import { TermsView } from "./terms_view.tsx";
import { t } from "./words.ts";

export default function LexiconPage() {
  const view = query.value.get("view") === "suggestions" ? "suggestions" : "terms";
  return (
    <>
      <PageHead title={shared("page_lexicon")} text={t("lead")} />
      <Tabs
        label={t("views")}
        parameter="view"
        chosen={view}
        drops={["q", "language", "status", "source"]}
        tabs={[
          { key: "terms", text: t("view_terms") },
          { key: "suggestions", text: t("view_suggestions") },
        ]}
      />
      {view === "terms" ? <TermsView /> : <SuggestionsView />}
    </>
  );
}
