// The server goes away and comes back under an open page. Says "stop" and "start" to whoever runs it.
import { createInterface } from "node:readline";
import { base, needs, story } from "./browser.mjs";

const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
async function server(word) {
  console.log(word);
  await answers.next();
}

await story(async (open) => {
  const page = await open();
  await page.goto(`/transcripts/${needs.job}`);
  await page.locator(".segment").first().waitFor();
  await server("stop");
  await page.getByRole("button", { name: "Edit this segment" }).first().click();
  await page.getByLabel(/Text of the segment/).fill("Written while nobody listened.");
  await page.keyboard.press("Control+s");
  await page.getByText("Not saved", { exact: true }).waitFor();
  await page.getByText("The server does not answer. It is tried again").waitFor();
  await server("start");
  await page.getByText("Saved", { exact: true }).waitFor();
  await page.getByText("The server does not answer. It is tried again").waitFor({ state: "detached" });
  const answer = await fetch(`${base}/api/v1/jobs/${needs.job}/segments`);
  const { data } = await answer.json();
  if (data.segments[0].text !== "Written while nobody listened.") throw new Error(data.segments[0].text);
});
process.stdin.destroy();
