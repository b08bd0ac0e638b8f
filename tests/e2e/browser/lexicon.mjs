// The lexicon: a term is added, found, changed, switched off and deleted; a file; suggestions with evidence.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { checkAccess, story } from "./browser.mjs";

await story(async (open) => {
  const page = await open();
  await page.goto("/lexicon");
  await page.getByText("No term yet").waitFor();
  await page.getByRole("button", { name: "Add a term" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Term", { exact: true }).fill("Ayşe Yılmaz");
  await dialog.getByLabel("Also written").fill("Ayşe Yılmaz’ın\nAyşe Yılmaz’a");
  await dialog.getByLabel("Language").fill("tr");
  await dialog.getByRole("button", { name: "Add a term" }).click();
  await page.getByText("“Ayşe Yılmaz” is expected from now on.").waitFor();
  await page.getByText("also Ayşe Yılmaz’ın, Ayşe Yılmaz’a").waitFor();
  await checkAccess(page);

  // What is there already is refused, and what was typed stays.
  await page.getByRole("button", { name: "Add a term" }).click();
  await dialog.getByLabel("Term", { exact: true }).fill("ayşe yılmaz");
  await dialog.getByLabel("Language").fill("tr");
  await dialog.getByRole("button", { name: "Add a term" }).click();
  await dialog.getByRole("alert").waitFor();
  assert.equal(await dialog.getByLabel("Term", { exact: true }).inputValue(), "ayşe yılmaz");
  await dialog.getByRole("button", { name: "Cancel" }).click();

  // A file brings terms, suggestions among them.
  await page.getByRole("button", { name: "Bring a file" }).click();
  const terms = [{ term: "Kubernetes", weight: 2 }, { term: "Callytics", status: "suggested" },
    { term: "Çarşamba", status: "suggested" }];
  await dialog.getByLabel(/File/).setInputFiles({ name: "terms.json", mimeType: "application/json", buffer: Buffer.from(JSON.stringify(terms)) });
  await dialog.getByRole("button", { name: "Bring them" }).click();
  await page.getByText("3 added, 0 changed.").waitFor();

  await page.getByLabel("Search").fill("kube");
  await page.waitForFunction(() => document.querySelectorAll("tbody tr").length === 1);
  await page.getByLabel("What to do with Kubernetes").click();
  await page.getByRole("button", { name: "Change" }).click();
  await dialog.getByLabel("Weight").fill("3");
  await dialog.getByRole("button", { name: "Save" }).click();
  await page.getByText("“Kubernetes” is changed.").waitFor();
  await page.getByLabel("What to do with Kubernetes").click();
  await page.getByRole("button", { name: "Switch off" }).click();
  await page.getByText("switched off").waitFor();
  await page.getByLabel("What to do with Kubernetes").click();
  await page.getByRole("button", { name: "Delete" }).click();
  await dialog.getByRole("button", { name: "Delete" }).click();
  await page.getByText("No term fits").waitFor();

  await page.getByRole("link", { name: "Suggestions" }).click();
  await page.getByText("Why it is suggested").first().click();
  await page.getByText("The recordings that it came from are gone.").waitFor();
  await checkAccess(page);
  const row = page.getByRole("row", { name: /Callytics/ });
  await row.getByRole("button", { name: "Approve" }).click();
  await page.getByText("1 term is expected from now on.").waitFor();
  await page.getByLabel("Choose").first().check();
  await page.getByRole("button", { name: "Reject chosen" }).click();
  await page.getByText("Nothing is suggested").waitFor();

  await page.goto("/lexicon");
  await page.getByText("Save as a file").click();
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "CSV, for spreadsheets" }).click();
  const text = await readFile(await (await download).path(), "utf8");
  assert.ok(text.includes("Callytics") && text.includes("Ayşe Yılmaz"), text);

  const phone = await open({ viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true, locale: "tr-TR" });
  for (const path of ["/lexicon", "/lexicon?view=suggestions"]) {
    await phone.goto(path);
    await phone.getByRole("heading", { level: 1, name: "Sözlük" }).waitFor();
    await phone.waitForFunction(() => !document.querySelector(".loading"));
    assert.equal(await phone.evaluate(() => document.documentElement.scrollWidth), 360, path);
  }
});
