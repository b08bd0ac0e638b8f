import { query } from "../../app/router.ts";
import { may, principal } from "../../app/session.ts";
import { t as shared } from "../../app/words.ts";
import { PageHead } from "../../ui/page.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { KeysView } from "../system/keys_view.tsx";
import { WebhooksView } from "../system/webhooks_view.tsx";
import "../../styles/operate.css";
import "../system/system.css";
import "./account.css";
import { PasswordForm } from "./password_form.tsx";
import { Sessions } from "./sessions.tsx";
import { t } from "./words.ts";

const views = ["person", "keys", "webhooks"] as const;

/** What belongs to whoever is signed in: password, places where they are signed in, keys, webhooks. */
export default function AccountPage() {
  const who = principal.value;
  const shown = views.filter((each) => each !== "webhooks" || may("webhooks"));
  const view = shown.find((each) => each === query.value.get("view")) ?? "person";
  return (
    <>
      <PageHead title={shared("page_account")} {...(who?.kind === "user" && { text: t("lead", { name: who.name }) })} />
      <Tabs
        label={t("views")}
        parameter="view"
        chosen={view}
        drops={["webhook"]}
        tabs={shown.map((key) => ({ key, text: t(`view_${key}`) }))}
      />
      {view === "person" && (who?.kind === "user" ? <Person /> : <p class="notice">{t("no_person")}</p>)}
      {view === "keys" && <KeysView />}
      {view === "webhooks" && <WebhooksView />}
    </>
  );
}

function Person() {
  return (
    <div class="account">
      <PasswordForm />
      <Sessions />
    </div>
  );
}
