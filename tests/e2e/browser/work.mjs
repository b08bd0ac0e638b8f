// From a recording that is dropped to a corrected text that is found again and exported.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { base, checkAccess, needs, story } from "./browser.mjs";

const api = async (method, path, { json, ...headers } = {}) => {
  const response = await fetch(`${base}/api/v1${path}`, {
    method, headers: { "Content-Type": "application/json", ...headers },
    body: json && JSON.stringify(json) });
  assert.ok(response.ok, `${method} ${path}: ${response.status} ${await response.clone().text()}`);
  return (await response.json()).data;
};

async function drop(page, file, name) {
  const data = await page.evaluateHandle(({ bytes, name: called }) => {
    const transfer = new DataTransfer();
    const raw = Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0));
    transfer.items.add(new File([raw], called, { type: "audio/wav" }));
    return transfer;
  }, { bytes: readFileSync(file).toString("base64"), name });
  for (const type of ["dragenter", "dragover", "drop"]) {
    await page.dispatchEvent("main", type, { dataTransfer: data });
  }
}

await story(async (open) => {
  const page = await open();
  await page.goto("/");

  // What is no recording says so; what is one becomes text.
  await page.getByLabel("Spoken language").selectOption({ label: "English" });
  await page.getByLabel("Choose files").setInputFiles(
    { name: "notes.mp3", mimeType: "audio/mpeg", buffer: Buffer.from("these are notes, not sound") });
  await page.getByText("this is not audio or video").waitFor();
  await page.getByLabel("Tags").fill("austen, court");
  await drop(page, needs.speech, "Hearing of March.wav");
  const item = page.locator("li.item", { hasText: "Hearing of March.wav" });
  await item.getByText("Done").waitFor({ timeout: 120_000 });
  await item.locator(".live-text").filter({ hasText: /\w{3}/ }).waitFor();
  await checkAccess(page);
  await item.getByRole("link", { name: "Open transcript" }).click();

  // The recording and its text.
  await page.getByRole("heading", { level: 1, name: "Hearing of March.wav" }).waitFor();
  const id = new URL(page.url()).pathname.split("/").at(-1);
  const words = page.locator(".w");
  await words.first().waitFor();
  const before = (await api("GET", `/jobs/${id}/segments`)).segments;
  assert.equal((await page.locator(".segment-text").first().textContent()).trim(), before[0].text);
  await page.locator(".waveform > div").waitFor();
  await checkAccess(page);
  const job = await api("GET", `/jobs/${id}`);
  assert.deepEqual(job.tags, ["austen", "court"]);

  // A click on a word plays from there, and the word that is heard is marked.
  await words.nth(3).click();
  await page.getByRole("button", { name: "Pause" }).waitFor();
  await page.locator(".w[data-now]").waitFor();
  await page.keyboard.press("Control+Space");
  await page.getByRole("button", { name: "Play", exact: true }).waitFor();
  assert.ok(await page.evaluate(() => document.querySelector("audio").currentTime) > 0);

  // A double click corrects; undo and redo; it is saved.
  await page.locator(".segment-text").first().dblclick({ position: { x: 30, y: 12 } });
  const field = page.getByLabel(/Text of the segment/);
  await field.press("Control+End");
  await field.pressSequentially(" Kubernetes.");
  await page.keyboard.press("Escape");
  await page.getByText("Not saved yet").waitFor();
  await page.keyboard.press("Control+z");
  await page.locator(".segment-changed").waitFor({ state: "detached" });
  await page.keyboard.press("Control+Shift+z");
  await page.keyboard.press("Control+s");
  await page.getByText("Saved", { exact: true }).waitFor();
  const saved = await api("GET", `/jobs/${id}/segments`);
  assert.equal(saved.version, 2);
  assert.equal(saved.segments[0].text, `${before[0].text} Kubernetes.`);

  // Somebody else is faster: both versions are shown, and one is chosen.
  await api("PATCH", `/jobs/${id}/segments`, {
    json: { segments: [{ index: 0, text: "Theirs." }] }, "If-Match": "*" });
  await page.getByRole("button", { name: "Edit this segment" }).first().click();
  await field.fill("Mine.");
  await page.keyboard.press("Control+s");
  const conflict = page.getByRole("dialog", { name: "Somebody else has changed this too" });
  await conflict.getByText("Theirs.").waitFor();
  await conflict.getByRole("radio", { name: /Mine/ }).check();
  await checkAccess(page);
  await conflict.getByRole("button", { name: "Go on with these" }).click();
  await page.getByText("Saved", { exact: true }).waitFor();
  assert.equal((await api("GET", `/jobs/${id}/segments`)).segments[0].text, "Mine.");

  // The history has all of it, and the machine's version comes back.
  await page.getByLabel("More", { exact: true }).click();
  await page.getByRole("button", { name: "History" }).click();
  await page.getByRole("button", { name: "As the machine wrote it" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Go back to this" }).click();
  await page.getByText("Version 1 is back").waitFor();
  assert.equal((await api("GET", `/jobs/${id}/segments`)).segments[0].text, before[0].text);

  // A segment is split at the caret, joined again, moved by keys and by typing; all of it is undone.
  const list = async () => (await api("GET", `/jobs/${id}/segments`)).segments;
  const rows = page.locator("li.segment");
  const count = await rows.count();
  const half = before[0].words.slice(0, 3).map((word) => word.text).join("").trim();
  await page.locator(".segment-text").first().dblclick({ position: { x: 30, y: 12 } });
  await field.evaluate((it, at) => it.setSelectionRange(at, at), half.length);
  await page.keyboard.press("Control+Enter");
  await page.waitForFunction((wanted) => document.querySelectorAll("li.segment").length === wanted, count + 1);
  const split = await list();
  assert.equal(split[0].text, half);
  assert.equal(split[0].end, before[0].words[2].end);
  assert.equal(split[1].start, before[0].words[3].start);
  assert.deepEqual(split[1].words, before[0].words.slice(3));
  // Who goes on typing does so at the beginning of the second one.
  assert.equal(await field.evaluate((it) => `${it.selectionStart} ${it.value}`), `0 ${split[1].text}`);
  await page.keyboard.press("Alt+Shift+ArrowRight");
  await page.locator(".segment-times").filter({ hasText: "–" }).waitFor();
  await checkAccess(page);
  await page.keyboard.press("Control+s");
  await page.getByText("Saved", { exact: true }).waitFor();
  assert.ok(Math.abs((await list())[1].start - split[1].start - 0.1) < 0.002);
  await page.keyboard.press("Escape");
  await rows.nth(1).hover();
  await rows.nth(1).getByLabel(/More for the segment/).click();
  await checkAccess(page);
  await page.getByRole("button", { name: "Change its times" }).click();
  const times = page.getByRole("dialog", { name: "When does it begin and end?" });
  await times.getByLabel("Beginning").fill("soon");
  await times.getByRole("button", { name: "Save" }).last().click();
  await times.getByText("These are no times").waitFor();
  await times.getByLabel("Beginning").fill(String(split[1].start));
  await checkAccess(page);
  await times.getByRole("button", { name: "Save" }).last().click();
  await page.keyboard.press("Control+s");
  await page.getByText("Saved", { exact: true }).waitFor();
  assert.deepEqual((await list())[1], split[1], "with the words that were cut meanwhile");
  await rows.first().hover();
  await rows.first().getByLabel(/More for the segment/).click();
  await page.getByRole("button", { name: "Join with the next one" }).click();
  await page.waitForFunction((wanted) => document.querySelectorAll("li.segment").length === wanted, count);
  assert.equal((await list())[0].text, before[0].text);
  await page.locator("body").click({ position: { x: 5, y: 300 } });
  await page.keyboard.press("Control+z");
  await page.waitForFunction((wanted) => document.querySelectorAll("li.segment").length === wanted, count + 1);
  for (let step = 0; step < 2; step += 1) await page.keyboard.press("Control+z"); // Both times.
  await page.keyboard.press("Control+z");
  await page.waitForFunction((wanted) => document.querySelectorAll("li.segment").length === wanted, count);
  assert.deepEqual(await list(), before, "with every time and probability");
  await page.getByLabel("More", { exact: true }).click();
  await page.getByRole("button", { name: "History" }).click();
  await page.getByText(/^Split at /).first().waitFor();
  await page.getByText(/^Joined at /).first().waitFor();
  await page.keyboard.press("Escape");

  // Find and replace is one step; the review gives a score.
  const word = before[0].text.match(/\p{L}{3,}/u)[0];
  await page.locator("body").click({ position: { x: 5, y: 300 } });
  await page.keyboard.press("f");
  await page.getByLabel("Find", { exact: true }).fill(word);
  await page.getByLabel("Replace by").fill("Zonguldak");
  await page.getByRole("button", { name: "Next", exact: true }).click();
  await page.locator("mark.is-shown").waitFor();
  await page.getByRole("button", { name: "Replace", exact: true }).click();
  await page.locator(".segment-text", { hasText: "Zonguldak" }).first().waitFor();
  await page.keyboard.press("Control+z");
  await page.locator(".segment-text", { hasText: "Zonguldak" }).waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Replace all" }).click();
  await page.getByText(/Replaced in/).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Review" }).click();
  await page.getByRole("button", { name: "The text is right" }).click();
  await page.getByText("Accuracy of the machine").waitFor();
  const score = Number.parseFloat(await page.locator(".score strong").textContent());
  assert.ok(score > 0 && score < 100, `${score}`);
  await page.getByRole("dialog").getByRole("button", { name: "Close" }).last().click();

  // Every format is a download.
  await page.getByText("Export").click();
  const [download] = await Promise.all([
    page.waitForEvent("download"), page.getByText("Word document").click()]);
  assert.match(download.suggestedFilename(), /\.docx$/);
  await page.getByText("Export").click();
  const [sound] = await Promise.all([
    page.waitForEvent("download"), page.getByText("The recording itself").click()]);
  assert.deepEqual(readFileSync(await sound.path()), readFileSync(needs.speech));
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
  await page.keyboard.press("Escape");

  // It is found by what was corrected.
  await page.getByRole("link", { name: "Library" }).first().click();
  await page.getByRole("searchbox").fill("zonguldak");
  await page.locator(".job mark", { hasText: /Zonguldak/i }).first().waitFor();
  await page.waitForFunction(() => document.querySelectorAll(".job").length === 1);
  await checkAccess(page);
  await page.getByRole("button", { name: "Clear filters" }).click();
  await page.getByRole("navigation", { name: "Tags" }).getByRole("button", { name: /court/ }).click();
  await page.getByText("1 recording", { exact: true }).waitFor();

  // What is chosen is tagged, exported together and deleted.
  await page.getByLabel("Choose Hearing of March.wav").check();
  await page.getByRole("button", { name: "Add tags" }).click();
  await page.getByRole("dialog").getByLabel("Tags").fill("şura");
  await page.getByRole("dialog").getByRole("button", { name: "Add tags" }).click();
  await page.locator(".job").getByRole("button", { name: "şura" }).waitFor();
  await page.getByLabel("Choose Hearing of March.wav").check();
  await page.getByText("Export").click();
  const [together] = await Promise.all([
    page.waitForEvent("download"), page.getByText("Subtitles (SRT)").click()]);
  assert.equal(together.suggestedFilename(), "katip-srt.zip");

  // Of a long list the number of all is told, not that of those that are shown.
  await page.route("**/api/v1/jobs/count?*", (route) => route.fulfill({
    json: { success: true, data: { count: 10_000, is_more: true } } }));
  await page.route("**/api/v1/jobs?*", async (route) => {
    const answer = await route.fetch();
    const body = await answer.json();
    await route.fulfill({ response: answer, json: { ...body, data: { ...body.data, has_more: true, next_cursor: "x" } } });
  });
  await page.reload();
  await page.getByText(/^\d+ of 10,000\+ recordings$/).waitFor();
  await page.unrouteAll();
  await page.reload();
  await page.getByText("1 recording", { exact: true }).waitFor();
  assert.equal((await api("GET", "/jobs/count?tag=court")).count, 1);

  // The same recording again with other options, beside the first text.
  await page.goto(`/transcripts/${id}`);
  await page.getByRole("button", { name: "Transcribe again with other options" }).click();
  const again = page.getByRole("dialog", { name: "Transcribe again with other options" });
  assert.equal(await again.getByLabel("Spoken language").inputValue(), "en");
  assert.equal(await again.getByLabel("Name", { exact: true }).inputValue(), "Hearing of March.wav (again)");
  await again.getByLabel("How carefully").selectOption({ label: "Quickly" });
  await checkAccess(page);
  await again.getByRole("button", { name: "Transcribe", exact: true }).click();
  await page.getByRole("heading", { level: 1, name: "Hearing of March.wav (again)" }).waitFor();
  await page.locator(".w").first().waitFor({ timeout: 120_000 });
  const second = new URL(page.url()).pathname.split("/").at(-1);
  assert.notEqual(second, id);
  const { options } = await api("GET", `/jobs/${second}`);
  assert.deepEqual([options.language, options.word_times, options.beam_size], ["en", true, 1]);
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.getByRole("heading", { level: 1, name: "Library" }).waitFor();

  // On a narrow phone nothing sticks out.
  const phone = await open({ viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true, locale: "tr-TR" });
  for (const path of ["/", "/library", `/transcripts/${id}`]) {
    await phone.goto(path);
    await phone.getByRole("heading", { level: 1 }).waitFor();
    await phone.waitForFunction(() => !document.querySelector(".loading"));
    assert.equal(await phone.evaluate(() => document.documentElement.scrollWidth), 360, path);
  }

  // The last thing, on its own page: it is deleted.
  await page.getByRole("link", { name: "Hearing of March.wav" }).click();
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.getByText("Hearing of March.wav is deleted").waitFor();
  await page.getByRole("heading", { level: 1, name: "Library" }).waitFor();
  assert.equal(await page.locator(".job", { hasText: "Hearing of March.wav" }).count(), 0);
});
