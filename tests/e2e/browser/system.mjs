// The system page: health, figures over time, backups, migrations, the log, keys, webhooks, settings, audit.
import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { base, checkAccess, needs, story } from "./browser.mjs";

/** One is made, proved and restored as an exercise; then its file is damaged, and the page says so. */
async function backUp(page) {
  await page.getByText("No backup yet").waitFor();
  await page.getByRole("button", { name: "Back up now" }).click();
  await page.getByText(/^katip_manual_\S+ is made and proved\.$/).waitFor();
  const row = page.getByRole("region", { name: "Backups" }).getByRole("row").nth(1);
  await row.getByText("proved", { exact: true }).waitFor();
  await row.getByRole("button", { name: "Prove" }).click();
  await page.getByText(/can be restored: \d+ rows in/).waitFor();
  await page.getByRole("button", { name: "Exercise a restore" }).click();
  await page.getByText("Last exercise").waitFor();
  await page.getByText("went well").waitFor();
  assert.equal(await page.getByText("No backup was proved for more than 26 hours.").count(), 0);

  const folder = `${needs.data}/backups/database/manual`;
  const name = (await readdir(folder)).find((each) => each.endsWith(".sqlite.zst"));
  const bytes = await readFile(`${folder}/${name}`);
  bytes[bytes.length >> 1] ^= 1;
  await writeFile(`${folder}/${name}`, bytes);
  await row.getByRole("button", { name: "Prove" }).click();
  const failure = page.getByRole("alert").filter({ hasText: "could not be restored" });
  await failure.waitFor();
  await row.getByText("failed", { exact: true }).waitFor();
  await page.getByText(/^The last failure/).waitFor();
  await failure.getByRole("button", { name: "Close" }).click();
  await failure.waitFor({ state: "detached" });
}

await story(async (open) => {
  const page = await open();
  const tab = async (name) => {
    await page.getByRole("navigation", { name: "Parts of the system" }).getByRole("link", { name }).click();
    await page.waitForFunction(() => !document.querySelector(".loading"));
    await checkAccess(page);
  };
  await page.goto("/system");
  await page.getByText("The schema is up to date.").waitFor();
  await page.getByText("What a load balancer asks").waitFor();

  await tab("Over time");
  await page.getByText(/A point stands for/).waitFor();
  await tab("Backups");
  await backUp(page);
  await tab("Migrations");
  await page.getByText("the database is here").waitFor();

  // The log: found by the number of a request, opened to all of its fields.
  await fetch(`${base}/api/v1/jobs`, { headers: { "X-Request-Id": "seen-in-the-log" } });
  await tab("Logs");
  await page.getByLabel("Log", { exact: true }).selectOption("api");
  await page.getByLabel("Request").fill("seen-in-the-log");
  await page.waitForFunction(() => document.querySelectorAll(".log-lines li").length === 1);
  await page.locator(".log-lines summary").click();
  await page.locator(".log-lines dd", { hasText: "/api/v1/jobs" }).first().waitFor();

  await tab("Settings");
  await page.getByLabel("Find a setting").fill("server.port");
  await page.getByRole("cell", { name: "server.port" }).waitFor();
  await page.getByText("--port").first().waitFor();

  // A webhook tells of a message that did not arrive, and is deleted.
  await tab("Webhooks");
  await page.getByRole("button", { name: "New webhook" }).click();
  await page.getByLabel("Name").fill("newsroom");
  await page.getByLabel("Address").fill("http://127.0.0.1:9/katip");
  await page.getByRole("button", { name: "Create the webhook" }).click();
  // Addresses inside are refused, and it says why.
  await page.getByRole("alert").filter({ hasText: "is no public address" }).waitFor();
  await page.getByLabel("Address").fill("https://example.org/katip");
  await page.getByRole("button", { name: "Create the webhook" }).click();
  await page.getByRole("dialog").getByText(/^whsec_/).waitFor();
  await page.getByRole("dialog").getByLabel("Close").click();
  await page.getByLabel("What to do with newsroom").click();
  await page.getByRole("button", { name: "Change", exact: true }).click();
  await page.getByLabel("Name").fill("archive");
  await page.getByLabel("job.completed").check();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("region", { name: "Webhooks" }).getByText("job.completed").waitFor();
  await page.getByLabel("What to do with archive").click();
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.getByText("No webhook yet").waitFor();

  // The first key is shown once. It closes the installation, so this page has to sign in: the last thing.
  await tab("Audit");
  await page.getByRole("button", { name: "backup.create" }).first().waitFor();
  await page.getByLabel("From").fill("2999-01-01T00:00");
  await page.getByText("Nothing fits").waitFor();
  await page.getByLabel("From").fill("2020-01-01T00:00");
  await page.getByRole("button", { name: "backup.create" }).first().click();
  await checkAccess(page);
  await page.getByText("Save as a file").click();
  const [saved] = await Promise.all([page.waitForEvent("download"), page.getByText("JSON, one a line").click()]);
  assert.equal(saved.suggestedFilename(), "audit.jsonl");
  const lines = (await readFile(await saved.path(), "utf8")).trim().split("\n").map((line) => JSON.parse(line));
  assert.ok(lines.length > 0 && lines.every((line) => line.action === "backup.create"));
  await page.getByRole("button", { name: "Clear" }).click();
  await tab("Keys");
  await page.getByRole("button", { name: "New key" }).click();
  await page.getByLabel("Name").fill("everything");
  await page.getByLabel("everything", { exact: true }).check();
  await page.getByRole("button", { name: "Create the key" }).click();
  const shown = page.getByRole("dialog").locator("code");
  await shown.waitFor();
  const key = await shown.textContent();
  assert.match(key, /^kp_/);
  // Over http:// in an office there is no clipboard by script, and copying works all the same.
  await page.evaluate(() => Object.defineProperty(navigator, "clipboard", { value: undefined }));
  await page.getByRole("dialog").getByRole("button", { name: "Copy" }).click();
  await page.getByText("Copied.").waitFor();

  // Who may only operate is offered neither settings nor users, and is refused by the server too.
  const as = (bearer) => ({ Authorization: `Bearer ${bearer}`, "Content-Type": "application/json" });
  const made = await fetch(`${base}/api/v1/keys`, {
    method: "POST", headers: as(key), body: JSON.stringify({ name: "watch", scopes: ["operate"] }) });
  const watching = (await made.json()).data.key;
  const operator = await open({ extraHTTPHeaders: { Authorization: `Bearer ${watching}` } });
  await operator.goto("/system?view=settings");
  await operator.getByText("The schema is up to date.").waitFor();
  assert.equal(await operator.getByRole("link", { name: "Users" }).count(), 0);

  const phone = await open({ viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true, locale: "tr-TR",
    extraHTTPHeaders: { Authorization: `Bearer ${key}` } });
  for (const view of ["health", "plots", "backups", "migrations", "logs", "keys", "users", "webhooks", "settings", "audit"]) {
    await phone.goto(`/system?view=${view}`);
    await phone.getByRole("heading", { level: 1, name: "Sistem" }).waitFor();
    await phone.waitForFunction(() => !document.querySelector(".loading"));
    assert.equal(await phone.evaluate(() => document.documentElement.scrollWidth), 360, view);
  }
  await phone.goto("/system?view=settings");
  await phone.getByRole("searchbox").fill("konuşulan dil");
  await phone.getByText("transcribe.language", { exact: true }).waitFor();
  assert.equal(await phone.locator("tbody tr").count(), 1, "what it is for is found in Turkish");
  await phone.getByText("varsayılan", { exact: true }).waitFor();

  // Deleting the keys opens it again for whoever comes next.
  const all = await (await fetch(`${base}/api/v1/keys`, { headers: as(key) })).json();
  const mine = all.data.items.sort((a) => (a.name === "everything" ? 1 : -1));
  for (const each of mine) {
    await fetch(`${base}/api/v1/keys/${each.id}`, { method: "DELETE", headers: as(key) });
  }
});
