import { isOnline } from "../../api/client.ts";
import { t as shared } from "../../app/words.ts";
import { query } from "../../app/router.ts";
import { Button } from "../../ui/button.tsx";
import { PageHead } from "../../ui/page.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import "../../styles/operate.css";
import { AutoscalePanel } from "./autoscale_panel.tsx";
import { isHeld } from "./live.ts";
import { OverviewView } from "./overview_view.tsx";
import "./queue.css";
import { SchedulesView } from "./schedules_view.tsx";
import { TasksView } from "./tasks_view.tsx";
import { WorkersView } from "./workers_view.tsx";
import { t } from "./words.ts";

const views = ["overview", "tasks", "workers", "schedules"] as const;
type View = (typeof views)[number];

export default function QueuePage() {
  const asked = query.value.get("view");
  const view: View = views.find((each) => each === asked) ?? "overview";
  return (
    <>
      <PageHead title={shared("page_queue")} text={t("lead")}>
        <LiveSwitch />
      </PageHead>
      <Tabs
        label={t("views")}
        parameter="view"
        chosen={view}
        drops={["state", "name", "queue", "worker_id", "request_id", "q"]}
        tabs={views.map((key) => ({ key, text: t(`view_${key}`) }))}
      />
      {view === "overview" && <OverviewView />}
      {view === "tasks" && <TasksView />}
      {view === "workers" && (
        <div class="stack">
          <WorkersView />
          <AutoscalePanel />
        </div>
      )}
      {view === "schedules" && <SchedulesView />}
    </>
  );
}

/** Says whether what is seen is of now, and holds it still for who wants to read. */
function LiveSwitch() {
  const state = isHeld.value ? "paused" : isOnline.value ? "good" : "broken";
  const text = isHeld.value ? t("live_paused") : isOnline.value ? t("live") : t("live_broken");
  return (
    <>
      <span class="live small quiet" role="status">
        <span class={`live-dot is-${state}`} />
        {text}
      </span>
      <Button
        icon={isHeld.value ? "play" : "pause"}
        onClick={() => {
          isHeld.value = !isHeld.value;
        }}
      >
        {isHeld.value ? t("go_on") : t("hold")}
      </Button>
    </>
  );
}
