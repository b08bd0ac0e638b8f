// The queue page: what is seen, pause and resume, filters with an address of their own, retry of many, a
// task with its errors, files, phones.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { base, checkAccess, story } from "./browser.mjs";

async function press(page, ...keys) {
  for (const key of keys) await page.keyboard.press(key);
}

async function order(args, more = {}) {
  const answer = await fetch(base + "/api/v1/tasks", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ name: "cleanup.history", args, ...more }),
  });
  return (await answer.json()).data.task_id;
}

await story(async (open) => {
  // Three that fail, one that lies ahead.
  const failed = [await order({ days: "x", token: "hush" }), await order({ days: "y" }), await order({ days: "z" })];
  for (const id of failed) await fetch(`${base}/api/v1/tasks/${id}?wait=30`);
  await order({ days: 30 }, { run_at: "2999-01-01T00:00:00Z" });

  const page = await open();
  await page.goto("/queue");
  await page.getByRole("heading", { level: 1, name: "Queue" }).waitFor();
  await page.getByText("3 tasks failed in this time.").waitFor();

  await checkAccess(page);

  // A queue is paused after a question, by keyboard alone, and says so at the top.
  const menu = page.getByLabel("What to do with low");
  await menu.focus();
  await press(page, "Enter", "Tab", "Enter");
  const question = page.getByRole("dialog", { name: "Pause “low”?" });
  await question.waitFor();
  await checkAccess(page);
  await press(page, "Tab", "Tab", "Enter"); // Past "Close" and "Cancel".
  await page.getByText("The queue “low” is paused").waitFor();
  await question.waitFor({ state: "detached" });
  assert.ok(await menu.evaluate((it) => it === document.activeElement), "the focus is lost");
  await page.getByLabel("What to do with low").click();
  await page.getByRole("button", { name: "Open again" }).click();
  await page.getByText("The queue “low” is paused").waitFor({ state: "detached" });

  // What is filtered is in the address, and all of it begins anew.
  await page.getByRole("link", { name: "Failed 3" }).click();
  const table = page.getByRole("region", { name: "Tasks" });
  await table.getByRole("row").nth(3).waitFor();
  await checkAccess(page);
  await page.getByLabel("Search").fill('"y"');
  await page.waitForFunction(() => new URLSearchParams(location.search).get("q") === '"y"');
  await page.waitForFunction(() => document.querySelectorAll("tbody tr").length === 1);
  await page.reload();
  await page.waitForFunction(() => document.querySelectorAll("tbody tr").length === 1);
  await page.getByRole("button", { name: "Clear" }).click();
  await page.waitForFunction(() => document.querySelectorAll("tbody tr").length === 3);
  await page.getByText("Save as a file").click();
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "CSV, for spreadsheets" }).click();
  const lines = (await readFile(await (await download).path(), "utf8")).trim().split("\n");
  assert.equal(lines.length, 4);
  assert.match(lines[0], /^id,name,state,/);
  await page.getByRole("button", { name: "Retry all that fit" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Retry all" }).click();
  await page.getByText("3 tasks begin anew.").waitFor();

  // A task has an address; its secrets are hidden, its errors are not.
  await fetch(`${base}/api/v1/tasks/${failed[0]}?wait=30`);
  await page.goto(`/queue/tasks/${failed[0]}`);
  await page.getByText("INVALID_ARGUMENT").first().waitFor();
  await page.getByText('"token": "[hidden]"').waitFor();
  await checkAccess(page);
  await page.goto("/queue/tasks/0190f3a2-7c1e-7001-8a3b-5f6e7d8c9b0a");
  await page.getByText("There is no such task").waitFor();

  // One of them is cancelled by its box.
  await page.goto("/queue?view=tasks&state=scheduled");
  await page.getByLabel("Choose").nth(1).check();
  await page.getByRole("button", { name: "Cancel", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Cancel 1 task" }).click();
  await page.getByText("1 task was cancelled.").waitFor();

  await page.goto("/queue?view=workers");
  await page.getByRole("button", { name: "Stop softly" }).first().waitFor();
  await checkAccess(page);
  // Slots of running workers are changed, refused when they make no sense, and given back.
  const scale = page.getByRole("region", { name: "Autoscale" }).getByRole("row", { name: /general/ });
  await scale.getByText("2 to 2").waitFor();
  await scale.getByRole("button", { name: "Change the slots of general workers" }).click();
  const slots = page.getByRole("dialog", { name: "Change the slots of general workers" });
  await slots.getByLabel("At least").fill("7");
  await slots.getByLabel("At most").fill("5");
  await slots.getByRole("button", { name: "Save" }).click();
  await slots.getByRole("alert").waitFor();
  await checkAccess(page);
  await slots.getByLabel("At least").fill("3");
  await slots.getByRole("button", { name: "Save" }).click();
  await scale.getByText("3 to 5").waitFor();
  await scale.getByText(/^set by /).waitFor();
  await checkAccess(page);
  await scale.getByRole("button", { name: "As configured" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "As configured" }).click();
  await scale.getByText("2 to 2").waitFor();
  await page.goto("/queue?view=schedules");
  await page.getByText("cleanup.history").first().waitFor();
  await checkAccess(page);
  // One is added, changed, switched off and on, and taken away; one of the configuration is switched.
  await page.getByRole("button", { name: "New schedule" }).click();
  const form = page.getByRole("dialog", { name: "New schedule" });
  await form.getByLabel("Name").fill("weekly count");
  await form.getByLabel("Task").fill("cleanup.history");
  await form.getByLabel("When").fill("61 * * * *");
  await form.getByLabel("Arguments").fill("{dry_run}");
  await form.getByRole("button", { name: "Save" }).click();
  await form.getByText("The arguments are no JSON.").waitFor();
  await form.getByLabel("Arguments").fill('{"dry_run": true}');
  await form.getByRole("button", { name: "Save" }).click();
  await form.getByText(/field `minute`/).waitFor();
  await form.getByLabel("When").fill("0 4 * * sun");
  await checkAccess(page);
  await form.getByRole("button", { name: "Save" }).click();
  const mine = page.getByRole("row", { name: /weekly count/ });
  await mine.getByRole("button", { name: "Change weekly count" }).click();
  const change = page.getByRole("dialog", { name: "Change weekly count" });
  await change.getByLabel("When").fill("0 5 * * sun");
  await change.getByRole("button", { name: "Save" }).click();
  await mine.getByText("0 5 * * sun").waitFor();
  await mine.getByRole("button", { name: "Switch weekly count off" }).click();
  await mine.getByText("Switched off").waitFor();
  await checkAccess(page);
  await mine.getByRole("button", { name: "Switch weekly count on" }).click();
  await mine.getByRole("button", { name: "Switch weekly count off" }).waitFor();
  await mine.getByRole("button", { name: "Delete weekly count?" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await mine.waitFor({ state: "detached" });
  const configured = page.getByRole("row", { name: /cleanup.logs/ });
  assert.equal(await configured.getByRole("button", { name: /Change/ }).count(), 0);
  await configured.getByRole("button", { name: "Switch cleanup.logs off" }).click();
  await configured.getByText("Switched off").waitFor();
  await configured.getByRole("button", { name: "Switch cleanup.logs on" }).click();
  await page.getByRole("row", { name: /cleanup.temp_files/ }).getByRole("button", { name: "Only count" }).click();
  await page.getByText('"dry_run": true').first().waitFor();

  // What happens is told by one stream; who is cut off from it asks by the clock.
  const cut = await open();
  await cut.route("**/api/v1/changes", (route) => route.abort());
  const streams = [];
  page.on("request", (request) => { if (request.url().endsWith("/api/v1/changes")) streams.push(request); });
  for (const each of [page, cut]) {
    await each.goto("/queue?view=tasks&state=scheduled");
    await each.getByRole("heading", { level: 1, name: "Queue" }).waitFor();
    await each.waitForFunction(() => !document.querySelector(".loading"));
  }
  const marked = async (of) => of.getByText("2998").count();
  assert.deepEqual([await marked(page), await marked(cut)], [0, 0]);
  await order({ days: 30 }, { run_at: "2998-06-01T00:00:00Z" });
  for (const each of [page, cut]) await each.getByText("2998").first().waitFor();
  assert.equal(streams.length, 1);

  const phone = await open({ viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true, locale: "tr-TR" });
  for (const path of ["/queue", "/queue?view=tasks&state=ended", "/queue?view=workers", `/queue/tasks/${failed[0]}`]) {
    await phone.goto(path);
    await phone.getByRole("heading", { level: 1 }).waitFor();
    await phone.waitForFunction(() => !document.querySelector(".loading"));
    assert.equal(await phone.evaluate(() => document.documentElement.scrollWidth), 360, path);
  }
});
