import { useMemo } from "preact/hooks";
import { get } from "../../api/client.ts";
import { useLoaded } from "../../api/loaded.ts";
import { query, setQuery } from "../../app/router.ts";
import { duration } from "../../i18n/format.ts";
import { Empty, Failed, Loading } from "../../ui/empty.tsx";
import { SelectField } from "../../ui/field.tsx";
import { type Curve, Plot } from "./plot.tsx";
import { t } from "./words.ts";

interface Point {
  begins_at: string;
  minutes: number;
  queues: Record<string, { available: number; running: number; scheduled: number; oldest_age_s: number }>;
  workers: number;
  tasks_completed: number;
  tasks_failed: number;
  task_wait_s: number | null;
  task_run_s: number | null;
  audio_s: number;
  realtime_factor: number | null;
  requests: number;
  request_p50_ms: number | null;
  request_p95_ms: number | null;
}

interface Series {
  from: string;
  to: string;
  step_s: number;
  points: Point[];
}

const spans = [1, 6, 24, 168, 720] as const;
const queueColours: [string, string][] = [
  ["critical", "--bad"], ["high", "--warn"], ["default", "--accent"], ["low", "--ink-soft"],
];

export function PlotsView() {
  const asked = Number(query.value.get("hours"));
  const hours = spans.find((each) => each === asked) ?? 24;
  const loaded = useLoaded<Series>(
    (signal) => get("/admin/stats", { from: new Date(Date.now() - hours * 3_600_000).toISOString() }, signal),
    [hours],
    { everyMs: 30_000 },
  );
  if (!loaded.data) return loaded.failure ? <Failed failure={loaded.failure} onRetry={loaded.reload} /> : <Loading rows={6} />;
  const series = loaded.data;
  return (
    <section class="section">
      <div class="section-head">
        <p class="quiet small">{t("step", { time: duration(series.step_s) })}</p>
        <SelectField
          label={t("span")}
          value={String(hours)}
          options={spans.map((each) => [String(each), t(`span_${each}`)])}
          onChoose={(value) => setQuery({ hours: value === "24" ? null : value })}
        />
      </div>
      {series.points.length === 0
        ? <Empty icon="gauge" title={t("plot_none")} />
        : <Plots key={hours} series={series} />}
    </section>
  );
}

/** While no server ran nothing was measured: no line may lead across that time. */
function withGaps(points: Point[], stepS: number): (Point | null)[] {
  return points.flatMap((point, i) => {
    const next = points[i + 1];
    const isGap = next !== undefined && secondsOf(next.begins_at) - secondsOf(point.begins_at) > 2.5 * stepS;
    return isGap ? [point, null] : [point];
  });
}

/** The real-time factor is seconds of work for a second of audio. */
const speedOf = (point: Point): number | null => (point.realtime_factor ? 1 / point.realtime_factor : null);

const secondsOf = (time: string): number => new Date(time).getTime() / 1000;

function Plots({ series }: { series: Series }) {
  const span = { from: secondsOf(series.from), to: secondsOf(series.to) };
  const points = useMemo(() => withGaps(series.points, series.step_s), [series]);
  // Half a step behind the last point before it a gap begins.
  const times = useMemo(
    () => points.map((point, i) => (point
      ? secondsOf(point.begins_at)
      : secondsOf(points[i - 1]!.begins_at) + series.step_s / 2)),
    [points],
  );
  const curve = (name: string, colour: string, of: (point: Point) => number | null, isFilled = false): Curve => ({
    name,
    colour,
    values: points.map((point) => point && of(point)),
    isFilled,
  });
  const perMinute = (count: number, point: Point): number => count / Math.max(1, point.minutes);
  return (
    <div class="plots">
      <Plot
        title={t("plot_tasks")}
        times={times}
        span={span}
        curves={[
          curve(t("plot_tasks_done"), "--good", (point) => perMinute(point.tasks_completed, point), true),
          curve(t("plot_tasks_failed"), "--bad", (point) => perMinute(point.tasks_failed, point)),
        ]}
      />
      <Plot
        title={t("plot_queue")}
        times={times}
        span={span}
        curves={queueColours.map(([name, colour]) =>
          curve(name, colour, (point) => point.queues[name]?.available ?? 0))}
      />
      <Plot
        title={t("plot_speed")}
        times={times}
        span={span}
        curves={[curve(t("speed"), "--accent", speedOf)]}
      />
      <Plot
        title={t("plot_audio")}
        times={times}
        span={span}
        curves={[curve(t("audio"), "--accent", (point) => perMinute(point.audio_s, point), true)]}
      />
      <Plot
        title={t("plot_wait")}
        times={times}
        span={span}
        curves={[
          curve(t("wait"), "--warn", (point) => point.task_wait_s),
          curve(t("run"), "--accent", (point) => point.task_run_s),
        ]}
      />
      <Plot
        title={t("plot_requests")}
        times={times}
        span={span}
        curves={[
          curve(t("p50"), "--accent", (point) => point.request_p50_ms),
          curve(t("p95"), "--warn", (point) => point.request_p95_ms),
        ]}
      />
    </div>
  );
}
