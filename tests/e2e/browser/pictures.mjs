// Makes the pictures of docs/web.md, of a server that has been working for an hour or so:
//
//   node pictures.mjs MODULES URL '{"out": "docs/images", "data": "…", "files": ["a.mp4", "b.mp4"],
//                                   "transcript": "NAME", "search": "WORDS", "find": "Jon", "by": "John"}'
//
// data: the server's folder, of which the file of one backup is damaged; files: recordings of some minutes,
// which are seen on their way; transcript: the beginning of a recording's name, in which `find` is corrected
// to `by` and reviewed; search: what the library is to find. What is left out is not drawn, or takes the newest
// recording and no search.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { needs, story } from "./browser.mjs";

const desk = { timezoneId: "Europe/Istanbul", colorScheme: "light" };
const phone = { ...desk, viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, locale: "tr-TR", colorScheme: "dark" };

/** Two on their way, and the text of one as far as it has been heard. */
async function drawTranscribe(page, shot) {
  await page.goto("/");
  await page.getByLabel("Choose files").setInputFiles(needs.files);
  await page.locator("li.item").nth(needs.files.length - 1).waitFor();
  await page.locator(".live-text").filter({ hasText: /\w.{200}/s }).first().waitFor({ timeout: 180_000 });
  await shot("transcribe");
}

/** What a person corrected, as the review shows it. */
async function drawReview(page, shot, jobId) {
  const path = `/api/v1/jobs/${jobId}/segments`;
  const { segments } = (await (await page.request.get(path)).json()).data;
  const edits = segments
    .filter(({ text }) => text.includes(needs.find))
    .map(({ index, text }) => ({ index, text: text.replaceAll(needs.find, needs.by) }));
  await page.request.patch(path, { data: { segments: edits }, headers: { "If-Match": "*" } });
  await page.goto(`/transcripts/${jobId}`);
  await page.locator(".w").first().waitFor();
  await page.getByRole("button", { name: "Review" }).click();
  await page.getByRole("button", { name: "The text is right" }).click();
  await page.getByText("Accuracy of the machine").waitFor();
  await shot("review");
  await page.keyboard.press("Escape");
}

/** Some that failed, three of them chosen. */
async function drawFailed(page, shot) {
  for (const days of ["thirty", "many", "none", "x", "y"]) {
    const made = await page.request.post("/api/v1/tasks", { data: { name: "cleanup.history", args: { days } } });
    await page.request.get(`/api/v1/tasks/${(await made.json()).data.task_id}?wait=30`);
  }
  await page.goto("/queue?view=tasks&state=discarded");
  for (const row of [1, 2, 3]) await page.getByLabel("Choose").nth(row).check();
  await shot("failed");
}

/** One that was just proved, and one whose file is damaged. */
async function drawBackups(page, shot) {
  await page.goto("/system?view=backups");
  const rows = page.getByRole("region", { name: "Backups" }).getByRole("row");
  const make = async (number) => {
    await page.getByRole("button", { name: "Back up now" }).click();
    await rows.nth(number).waitFor({ timeout: 120_000 });
    await rows.nth(1).getByText("proved", { exact: true }).waitFor({ timeout: 120_000 });
  };
  await make(1);
  const folder = `${needs.data}/backups/database/manual`;
  const name = (await readdir(folder)).find((each) => /\.(sqlite\.zst|dump)$/.test(each));
  const bytes = await readFile(`${folder}/${name}`);
  bytes[bytes.length >> 1] ^= 1;
  await writeFile(`${folder}/${name}`, bytes);
  await rows.nth(1).getByRole("button", { name: "Prove" }).click();
  const failure = page.getByRole("alert").filter({ hasText: "could not be restored" });
  await failure.getByRole("button", { name: "Close" }).click();
  await make(2);
  await shot("backups");
}

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

  await page.setViewportSize({ width: 1280, height: 800 });
  const settled = async (name) => {
    await settle(page);
    await shot(name);
  };
  if (needs.find) await drawReview(page, settled, found.job_id);
  await drawFailed(page, settled);
  if (needs.data) await drawBackups(page, settled);
  if (needs.files) await drawTranscribe(page, settled);

  const small = await open(phone);
  await small.goto(`/transcripts/${found.job_id}`);
  await small.locator(".waveform > div").waitFor();
  await settle(small);
  await shot("phone", small);
});
