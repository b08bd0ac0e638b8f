import { language, locale } from "./language.ts";

/** How numbers, times and sizes are written; all of them follow the language. */

/** 3723.5 -> "1:02:03"; with tenths "1:02:03.5". */
export function clock(seconds: number, tenths = false): string {
  const whole = Math.max(0, tenths ? Math.floor(seconds * 10) / 10 : Math.floor(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const rest = whole % 60;
  const text = tenths ? rest.toFixed(1).padStart(4, "0") : String(Math.floor(rest)).padStart(2, "0");
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${text}` : `${minutes}:${text}`;
}

/** "1:02:03.5", "62:03" or "75" -> seconds; null for anything else. */
export function parseClock(text: string): number | null {
  if (!/^\d+(:\d{1,2}){0,2}(\.\d+)?$/.test(text.trim())) return null;
  return text.trim().split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
}

export function number(value: number, digits = 0): string {
  return new Intl.NumberFormat(locale.value, { maximumFractionDigits: digits }).format(value);
}

/** 0.934 -> "93%", in Turkish "%93". */
export function percent(share: number, digits = 0): string {
  return new Intl.NumberFormat(locale.value, {
    style: "percent",
    maximumFractionDigits: digits,
  }).format(share);
}

const sizes = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;

export function bytes(size: number): string {
  const step = Math.min(sizes.length - 1, size < 1 ? 0 : Math.floor(Math.log10(size) / 3));
  return new Intl.NumberFormat(locale.value, {
    style: "unit",
    unit: sizes[step],
    unitDisplay: "short",
    maximumFractionDigits: step === 0 || size / 1000 ** step >= 100 ? 0 : 1,
  }).format(size / 1000 ** step);
}

/** "12 s", "3 min", "1 h 5 min", "3 days 4 h": how long something took or lasts. */
export function duration(seconds: number): string {
  const unit = (value: number, name: string, digits = 0): string =>
    new Intl.NumberFormat(locale.value, {
      style: "unit",
      unit: name,
      unitDisplay: "short",
      maximumFractionDigits: digits,
    }).format(value);
  if (seconds < 10) return unit(seconds, "second", 1);
  if (seconds < 59.5) return unit(Math.round(seconds), "second");
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return unit(minutes, "minute");
  const rest = minutes % 60;
  const all = Math.floor(minutes / 60);
  if (all >= 48) {
    const left = all % 24;
    const days = unit(Math.floor(all / 24), "day");
    return left === 0 ? days : `${days} ${unit(left, "hour")}`;
  }
  const hours = unit(all, "hour");
  return rest === 0 ? hours : `${hours} ${unit(rest, "minute")}`;
}

/** As duration(), and milliseconds below a second: "340 ms". */
export function brief(seconds: number): string {
  if (seconds >= 0.9995 || seconds <= 0) return duration(seconds);
  return new Intl.NumberFormat(locale.value, {
    style: "unit",
    unit: "millisecond",
    unitDisplay: "short",
    maximumFractionDigits: seconds < 0.01 ? 1 : 0,
  }).format(seconds * 1000);
}

/** "14 Mar 2026, 09:05". */
export function dateTime(iso: string): string {
  return new Intl.DateTimeFormat(locale.value, { dateStyle: "medium", timeStyle: "short" }).format(
    new Date(iso),
  );
}

const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ["second", 60],
  ["minute", 60],
  ["hour", 24],
  ["day", 7],
];

/** "5 minutes ago" within a week, else the date. */
export function ago(iso: string, now = Date.now()): string {
  let distance = (new Date(iso).getTime() - now) / 1000;
  for (const [unit, size] of steps) {
    if (Math.abs(distance) < size) {
      return new Intl.RelativeTimeFormat(locale.value, { numeric: "auto" }).format(
        Math.round(distance),
        unit,
      );
    }
    distance /= size;
  }
  return new Intl.DateTimeFormat(locale.value, { dateStyle: "medium" }).format(new Date(iso));
}

/** Of those that browsers have no names for. */
const rareNames: Record<string, { en: string; tr: string }> = {
  ba: { en: "Bashkir", tr: "Başkurtça" },
  bo: { en: "Tibetan", tr: "Tibetçe" },
};

/** "tr" -> "Turkish", in the language of the app. */
export function languageName(code: string): string {
  try {
    const name = new Intl.DisplayNames(locale.value, { type: "language" }).of(code) ?? code;
    return name === code ? (rareNames[code]?.[language.value] ?? code) : name;
  } catch {
    return code; // Not a code that the browser knows.
  }
}
