// Makes the pictures of docs/web.md, of a server that has been working for an hour or so:
//
//   node pictures.mjs MODULES URL '{"out": "docs/images", "transcript": "NAME", "search": "WORDS"}'
//
// transcript: the beginning of a recording's name; search: what the library is to find. What is left out
// takes the newest recording, and no search.
import { needs, story } from "./browser.mjs";

const desk = { timezoneId: "Europe/Istanbul", colorScheme: "light" };
const phone = { ...desk, viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, locale: "tr-TR", colorScheme: "dark" };

await story(async (open) => {
  const page = await open(desk);
  const shot = (name, of = page) => of.screenshot({ path: `${needs.out}/web-${name}.png` });
  const settle = async (of) => {
    await of.waitForFunction(() => !document.querySelector(".loading"));
    await of.waitForTimeout(1_200); // Curves are drawn, fonts are there.
  };
  const named = needs.transcript ? `&q=${encodeURIComponent(needs.transcript)}` : "";
  const jobs = await (await page.request.get(`/api/v1/jobs?status=completed&limit=200${named}`)).json();
  const found = jobs.data.items.find((job) => job.name?.startsWith(needs.transcript ?? ""));
  if (!found) throw new Error("there is no such recording");

  await page.goto(`/transcripts/${found.job_id}`);
  await page.locator(".waveform > div").waitFor();
  await page.locator(".w").nth(16).click();
  await settle(page);
  await shot("transcript");
  await page.keyboard.press("Control+Space");
  await page.goto(`/library?q=${encodeURIComponent(needs.search ?? "")}`);
  await settle(page);
  await shot("library");
  await page.goto("/queue");
  await page.setViewportSize({ width: 1280, height: 1000 });
  await settle(page);
  await shot("queue");

  const dark = await open({ ...desk, colorScheme: "dark", viewport: { width: 1280, height: 860 } });
  await dark.goto("/system?view=plots&hours=1");
  await settle(dark);
  await shot("system", dark);

  const small = await open(phone);
  await small.goto(`/transcripts/${found.job_id}`);
  await small.locator(".waveform > div").waitFor();
  await settle(small);
  await shot("phone", small);
});
