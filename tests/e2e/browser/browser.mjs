// What the stories in a browser share: Chromium by playwright-core, and a page that must not complain.
//
//   node story.mjs MODULES URL [JSON]     MODULES: where playwright-core is; JSON: what the story needs
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [modules, url, given = "{}"] = process.argv.slice(2);
const require = createRequire(modules + "/");
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

export const base = url;
export const needs = JSON.parse(given);

/**
 * Runs `tell(open)`; open(options) gives a page of its own visitor. A complaint fails the story, but
 * for those that it provokes.
 */
export async function story(tell, { mayComplain = null } = {}) {
  const browser = await chromium.launch({
    executablePath: process.env.KATIP_CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
      "--disable-background-networking", "--disable-component-update",
      "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"],
  });
  const complaints = [];
  const open = async (options = {}) => {
    const context = await browser.newContext({
      baseURL: base, locale: "en-GB", viewport: { width: 1280, height: 800 }, ...options });
    context.setDefaultTimeout(30_000);
    const page = await context.newPage();
    page.on("pageerror", (error) => complaints.push(error.stack ?? error.message));
    page.on("console", (message) => {
      // The browser reports each answer of 4xx and 5xx by itself; stories look at what is shown.
      const isExpected = mayComplain?.test(message.text()) ?? false;
      if (message.type() === "error" && !isExpected && !message.text().startsWith("Failed to load resource")) {
        complaints.push(message.text());
      }
    });
    return page;
  };
  try {
    await tell(open);
    if (complaints.length > 0) throw new Error("the page complained:\n" + complaints.join("\n"));
  } catch (error) {
    console.error(error.stack);
    for (const page of browser.contexts().flatMap((context) => context.pages())) {
      const text = await page.innerText("body", { timeout: 2_000 }).catch(() => "");
      console.error(`\nWhat ${page.url()} showed:\n${text.slice(0, 2_000)}`);
    }
    process.exitCode = 1;
  } finally {
    await browser.close();
  }
}

const kinds = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/**
 * Fails when the page, as it is now, breaks a rule of WCAG 2.2 AA that a machine can check: all of
 * them in the light, those of contrast in the dark too.
 */
export async function checkAccess(page) {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe);
  const broken = [];
  for (const [colorScheme, runOnly] of [["dark", ["color-contrast"]], ["light", kinds]]) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" }); // No colour on its way.
    broken.push(...await page.evaluate(async ({ scheme, rules }) => {
      const { violations } = await window.axe.run(document, { runOnly: rules });
      return violations.map((each) =>
        `${each.id} (${scheme}): ${each.nodes.map((node) => node.html).join("\n  ")}`);
    }, { scheme: colorScheme, rules: runOnly }));
  }
  if (broken.length > 0) throw new Error(`${page.url()} cannot be used by all:\n${broken.join("\n")}`);
}
