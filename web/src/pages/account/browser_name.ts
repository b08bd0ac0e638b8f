/** In this order: many call themselves by the names of others as well. */
const browsers: [pattern: RegExp, name: string][] = [
  [/\bEdg[A-Z]?\w*\/(\d+)/, "Edge"],
  [/\bOPR\/(\d+)/, "Opera"],
  [/\b(?:Firefox|FxiOS)\/(\d+)/, "Firefox"],
  [/\b(?:Chrome|CriOS|HeadlessChrome)\/(\d+)/, "Chrome"],
  [/\bVersion\/(\d+)[\d.]* (?:Mobile\/\w+ )?Safari\//, "Safari"],
];
const systems: [pattern: RegExp, name: string][] = [
  [/Windows/, "Windows"],
  [/iPhone|iPad/, "iOS"],
  [/Android/, "Android"],
  [/Mac OS X/, "macOS"],
  [/Linux|CrOS/, "Linux"],
];

/** "Firefox 140 · Linux"; a program that is no browser by its own first word; null for nothing. */
export function browserOf(userAgent: string): string | null {
  const browser = browsers.find(([pattern]) => pattern.test(userAgent));
  if (!browser) return userAgent.split(/[\s(]/)[0] || null;
  const version = browser[0].exec(userAgent)?.[1];
  const system = systems.find(([pattern]) => pattern.test(userAgent))?.[1];
  return `${browser[1]} ${version}${system ? ` · ${system}` : ""}`;
}
