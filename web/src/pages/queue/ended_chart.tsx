import { dateTime, number } from "../../i18n/format.ts";
import type { Figures } from "./queue_api.ts";
import { t } from "./words.ts";

/** Bars of what was done and what failed, from the span's beginning to now. */
export function EndedChart({ figures }: { figures: Figures }) {
  const most = Math.max(1, ...figures.intervals.map((each) => each.completed + each.failed));
  const width = 100 / Math.max(1, figures.intervals.length);
  const { completed, failed } = figures.ended;
  const first = figures.intervals[0]?.begin;
  return (
    <figure class="ended-chart">
      <svg
        viewBox="0 0 100 100"
        preserveAspectRatio="none"
        role="img"
        aria-label={t("chart", { completed: number(completed), failed: number(failed) })}
      >
        {figures.intervals.map((each, i) => {
          const good = (each.completed / most) * 96;
          const bad = (each.failed / most) * 96;
          const title = t("chart_bar", {
            time: dateTime(each.begin),
            completed: number(each.completed),
            failed: number(each.failed),
          });
          return (
            <g key={each.begin}>
              <title>{title}</title>
              <rect class="bar-room" x={i * width} y={0} width={width} height={100} />
              <rect class="bar-good" x={i * width + width * 0.1} y={100 - good} width={width * 0.8} height={good} />
              <rect class="bar-bad" x={i * width + width * 0.1} y={100 - good - bad} width={width * 0.8} height={bad} />
            </g>
          );
        })}
      </svg>
      <figcaption class="small quiet">
        <span>{first && dateTime(first)}</span>
        <span class="legend">
          <span class="key key-good" />{t("done")}
          <span class="key key-bad" />{t("failed")}
        </span>
        <span class="number">{number(most)}</span>
      </figcaption>
    </figure>
  );
}
