// Who may do what: signing in and out, and what each role is shown.
import assert from "node:assert/strict";
import { checkAccess, needs, story } from "./browser.mjs";

async function signIn(page, login, password = needs.password) {
  await page.getByLabel("User name").fill(login);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

await story(async (open) => {
  const page = await open();
  await page.goto("/library?q=none");
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await signIn(page, "vera", "wrong password");
  await page.getByText("The user name or the password is wrong.").waitFor();
  await checkAccess(page);

  // After signing in the page that was asked for is there.
  await signIn(page, "vera");
  await page.getByRole("heading", { level: 1, name: "Library" }).waitFor();
  assert.equal(await page.getByRole("searchbox").inputValue(), "none");
  const navigation = page.getByRole("navigation", { name: "Pages" });
  assert.equal(await navigation.getByRole("link", { name: "Transcribe", exact: true }).count(), 0);
  await page.goto("/"); // Who may not transcribe begins in the library.
  await page.getByRole("heading", { level: 1, name: "Library" }).waitFor();
  await page.getByText("vera", { exact: true }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();

  await signIn(page, "emre");
  await navigation.getByRole("link", { name: "Transcribe", exact: true }).click();
  await page.getByText("Drop recordings here").waitFor();

  // A session that ended elsewhere asks for the password, and then goes on. (No click: the page may
  // notice by itself before that, and the link would be gone.)
  await page.context().clearCookies();
  await page.goto("/library");
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await signIn(page, "emre");
  await page.getByRole("heading", { level: 1, name: "Library" }).waitFor();
});
