// The frame: pages by address and by link, languages, appearance, what a phone shows.
import assert from "node:assert/strict";
import { checkAccess, story } from "./browser.mjs";

await story(async (open) => {
  const page = await open();
  await page.goto("/library");
  await page.getByRole("heading", { level: 1, name: "Library" }).waitFor();
  await page.getByText("Open to everybody on this machine").waitFor();

  // A link changes the page without loading the app anew, and the way back is the browser's.
  await page.evaluate(() => { window.isSame = true; });
  await page.getByRole("link", { name: "Transcribe", exact: true }).click();
  await page.getByRole("heading", { level: 1, name: "Transcribe" }).waitFor();
  assert.equal(new URL(page.url()).pathname, "/");
  assert.equal(await page.evaluate(() => document.activeElement.id), "content");
  await page.goBack();
  await page.getByRole("heading", { level: 1, name: "Library" }).waitFor();
  assert.equal(await page.evaluate(() => window.isSame), true);

  // One page does not change what another looks like, in whatever order they were seen.
  const filters = () => page.locator("main form, .library-filters").first().evaluate((it) => getComputedStyle(it).display);
  await page.goto("/library?status=failed");
  assert.equal(await filters(), "flex");
  await page.getByRole("link", { name: "Lexicon", exact: true }).click();
  await page.getByLabel("Search").waitFor();
  assert.equal(await filters(), "grid");
  await page.goBack();
  await page.getByRole("heading", { level: 1, name: "Library" }).waitFor();
  assert.equal(await filters(), "flex");

  // What is not there says so, in the window's name too.
  await page.goto("/transcripts/none");
  await page.getByText("There is no such recording").waitFor();
  assert.match(await page.title(), /^There is no such recording/);
  assert.equal(await page.getByRole("link", { name: "Library", exact: true }).first().getAttribute("aria-current"), "true");
  await page.goto("/library");
  await page.getByRole("heading", { level: 1, name: "Library" }).waitFor();

  // Language and appearance stay as chosen.
  await page.getByText("Settings").click();
  await page.getByLabel("Türkçe").check();
  await page.getByRole("heading", { level: 1, name: "Arşiv" }).waitFor();
  await page.getByLabel("Koyu").check();
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "dark");
  await page.reload();
  await page.getByRole("heading", { level: 1, name: "Arşiv" }).waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.lang), "tr");
  const paper = await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  assert.equal(paper, "rgb(21, 20, 19)");

  // The keyboard comes past the navigation by its first stop.
  await page.reload();
  await page.getByRole("heading", { level: 1, name: "Arşiv" }).waitFor();
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.className), "skip");

  await checkAccess(page); // In the dark.

  // A phone has the same pages at the bottom, and nothing sticks out at the side.
  const phone = await open({ viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true });
  await phone.goto("/library");
  await phone.getByRole("navigation").getByRole("link", { name: "Transcribe", exact: true }).tap();
  await phone.getByRole("heading", { level: 1, name: "Transcribe" }).waitFor();
  assert.equal(await phone.evaluate(() => document.documentElement.scrollWidth), 360);
});
