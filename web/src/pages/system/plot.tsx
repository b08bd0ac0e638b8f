import { effect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { theme } from "../../app/theme.ts";
import { number } from "../../i18n/format.ts";
import { language, locale } from "../../i18n/language.ts";
import { t } from "./words.ts";

export interface Curve {
  name: string;
  /** A name of tokens.css: "--accent". */
  colour: string;
  values: (number | null)[];
  isFilled?: boolean;
}

interface PlotProps {
  title: string;
  /** Seconds since 1970. */
  times: number[];
  /** Of the whole picture: figures may be there for a part of it only. */
  span: { from: number; to: number };
  curves: Curve[];
}

/** The colour as this element sees it: light-dark() has been decided there. */
function colourOf(element: Element, name: string): string {
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  element.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}

const timeOf = (seconds: number, isLong: boolean): string =>
  new Intl.DateTimeFormat(locale.value, isLong
    ? { day: "numeric", month: "short" }
    : { hour: "2-digit", minute: "2-digit" }).format(new Date(seconds * 1000));

const shownTime = (seconds: number | null): string =>
  seconds === null ? "–" : `${timeOf(seconds, true)} ${timeOf(seconds, false)}`;
const shownNumber = (value: number | null): string => (value === null ? "–" : number(value, 2));

/** What stands below a plot that nobody points at: the end of it. */
const newest = (plot: uPlot, at: number): number | null =>
  Array.from(plot.data?.[at] ?? []).findLast((value) => value !== null && value !== undefined) ?? null;

/** One or two points make no line that could be seen. */
const arePoints = (plot: uPlot, at: number): boolean =>
  Array.from(plot.data[at] ?? []).filter((value) => value !== null && value !== undefined).length < 3;

function optionsOf(box: HTMLElement, latest: { current: PlotProps }): uPlot.Options {
  const { curves, span } = latest.current;
  const axis = { stroke: colourOf(box, "--ink-soft"), grid: { stroke: colourOf(box, "--line"), width: 1 }, ticks: { show: false } };
  const isLong = span.to - span.from > 3 * 86_400;
  const font = `12px ${getComputedStyle(box).fontFamily}`;
  return {
    width: box.clientWidth,
    height: 180,
    cursor: { points: { size: 7 }, y: false },
    legend: { live: true },
    scales: {
      x: { range: () => [latest.current.span.from, latest.current.span.to] },
      y: { range: (_, __, max) => [0, max > 0 ? max * 1.08 : 1] },
    },
    axes: [
      { ...axis, font, size: 32, values: (_, marks) => marks.map((mark) => timeOf(mark, isLong)) },
      { ...axis, font, size: 56, values: (_, marks) => marks.map((mark) => number(mark, 2)) },
    ],
    series: [
      { label: t("when"), value: (plot, value) => shownTime(value ?? newest(plot, 0)) },
      ...curves.map((curve): uPlot.Series => {
        const stroke = colourOf(box, curve.colour);
        return {
          label: curve.name,
          stroke,
          width: 1.75,
          points: { show: arePoints, size: 6, fill: stroke },
          ...(curve.isFilled && { fill: stroke.replace("rgb(", "rgba(").replace(")", ", 0.14)") }),
          value: (plot, value, at) => shownNumber(value ?? newest(plot, at)),
        };
      }),
    ],
  };
}

/** Curves over time. What they say last stands below as text, for who does not see them. */
export function Plot(props: PlotProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const data = (): uPlot.AlignedData => [latest.current.times, ...latest.current.curves.map((curve) => curve.values)];

  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const draw = (): void => {
      plot.current?.destroy();
      plot.current = new uPlot(optionsOf(element, latest), data(), element);
    };
    // Colours and words are drawn, so they follow neither theme nor language by themselves.
    const stop = effect(() => {
      void theme.value;
      void language.value;
      requestAnimationFrame(draw);
    });
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    scheme.addEventListener("change", draw);
    const watch = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height: 180 }));
    watch.observe(element);
    return () => {
      stop();
      watch.disconnect();
      scheme.removeEventListener("change", draw);
      plot.current?.destroy();
      plot.current = null;
    };
  }, []);
  useEffect(() => {
    plot.current?.setData(data());
  }, [props.times, props.curves]);

  const now = props.curves.map((curve) => {
    const last = curve.values.findLast((value) => value !== null);
    return `${curve.name}: ${last === null || last === undefined ? "–" : number(last, 2)}`;
  });
  return (
    <figure class="card plot">
      <figcaption><h2>{props.title}</h2></figcaption>
      <div ref={box} aria-hidden="true" />
      <p class="unseen">{now.join("; ")}</p>
    </figure>
  );
}
