// A recording that lies in a bucket plays in the page, from the bucket and from nowhere else.
import assert from "node:assert/strict";
import { needs, story } from "./browser.mjs";

await story(async (open) => {
  const page = await open();
  const asked = new Set();
  page.on("request", (request) => {
    if (request.resourceType() === "media") asked.add(new URL(request.url()).origin);
  });
  await page.goto(`/transcripts/${needs.job}`);
  await page.waitForFunction(() => document.querySelector("audio")?.duration > 5);
  assert.ok(asked.has(needs.bucket), [...asked].join(" "));
  await page.getByRole("button", { name: "Play", exact: true }).click();
  await page.waitForFunction(() => document.querySelector("audio").currentTime > 0.2);

  // Any other server stays shut, whatever a page is made to ask for.
  const refused = await page.evaluate((address) => new Promise((resolve) => {
    document.addEventListener("securitypolicyviolation", (event) => resolve(event.effectiveDirective));
    window.foreign = new Audio(address);
  }), needs.bucket.replace("127.0.0.1", "localhost"));
  assert.equal(refused, "media-src");
}, { mayComplain: /violates the following Content Security Policy directive: "media-src/ });
