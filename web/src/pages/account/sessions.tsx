import { get, remove } from "../../api/client.ts";
import { useLoaded } from "../../api/loaded.ts";
import { ago, dateTime } from "../../i18n/format.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { Failed, Loading } from "../../ui/empty.tsx";
import { Table } from "../../ui/table.tsx";
import { report, say } from "../../ui/toast.tsx";
import { browserOf } from "./browser_name.ts";
import { t } from "./words.ts";

interface Session {
  id: string;
  ip: string;
  user_agent: string;
  created_at: string;
  last_seen_at: string;
  is_current: boolean;
}

const nameOf = (session: Session): string => browserOf(session.user_agent) ?? t("unknown_browser");

/** Where the person is signed in, to be ended from here. */
export function Sessions() {
  const loaded = useLoaded<{ items: Session[] }>((signal) => get("/auth/sessions", {}, signal), []);
  if (!loaded.data) return loaded.failure ? <Failed failure={loaded.failure} onRetry={loaded.reload} /> : <Loading />;
  const sessions = loaded.data.items;
  const others = sessions.filter((session) => !session.is_current);
  const end = (ended: Session[]): void => {
    Promise.all(ended.map((session) => remove(`/auth/sessions/${session.id}`)))
      .then(() => say(t.count("ended", ended.length)))
      .catch(report)
      .finally(loaded.reload);
  };
  return (
    <section class="section" aria-labelledby="sessions-title">
      <div class="section-head">
        <h2 id="sessions-title">{t("sessions")}</h2>
        {others.length > 1 && <Button onClick={() => end(others)}>{t("end_others")}</Button>}
      </div>
      <Table<Session>
        label={t("sessions")}
        rows={sessions}
        keyOf={(session) => session.id}
        columns={[
          {
            key: "where",
            title: t("where"),
            cell: (session) => (
              <span class="twice">
                <strong title={session.user_agent}>{nameOf(session)}</strong>
                <span class="small quiet mono">{session.ip}</span>
              </span>
            ),
          },
          { key: "since", title: t("since"), isMinor: true, cell: (session) => dateTime(session.created_at) },
          { key: "seen", title: t("last_seen"), cell: (session) => (session.is_current ? <Badge tone="good">{t("here")}</Badge> : ago(session.last_seen_at)) },
          {
            key: "act",
            title: "",
            cell: (session) => !session.is_current && (
              <div class="row-actions"><Button icon="close" onClick={() => end([session])}>{t("end")}</Button></div>
            ),
          },
        ]}
      />
    </section>
  );
}
