// The microphone: Chromium has one that beeps.
import assert from "node:assert/strict";
import { story } from "./browser.mjs";

await story(async (open) => {
  const page = await open({ permissions: ["microphone"] });
  await page.goto("/");
  await page.getByRole("button", { name: "Record" }).click();
  await page.getByRole("timer").filter({ hasText: "0:02" }).waitFor();
  await page.waitForFunction(() => document.querySelector("meter").value > 0.1);
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByText("Paused").waitFor();
  await page.getByRole("button", { name: "Go on" }).click();

  // Leaving would lose it: that is asked.
  await page.getByRole("link", { name: "Library" }).click();
  await page.getByRole("dialog", { name: "Throw this recording away?" }).waitFor();
  await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
  assert.equal(new URL(page.url()).pathname, "/");

  await page.getByRole("button", { name: "Finish and transcribe" }).click();
  const item = page.locator("li.item", { hasText: /^Recording / });
  await item.getByText(/In the queue|Listening|Done/).waitFor();
});
