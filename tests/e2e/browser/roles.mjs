// Who may do what: signing in and out, what each role is shown, and one's own account.
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
  // Before everybody else is for those who operate; what one of them has left in the browser is not sent.
  const priorities = (of) => of.getByLabel("Priority").locator("option").allTextContents();
  assert.deepEqual(await priorities(page), ["Normal", "When there is time"]);
  const operator = await open();
  await operator.goto("/");
  await signIn(operator, "root");
  await operator.getByText("Drop recordings here").waitFor();
  assert.deepEqual(await priorities(operator), ["Normal", "First", "When there is time"]);
  await operator.getByLabel("Priority").selectOption({ label: "First" });
  const kept = () => operator.evaluate(() => JSON.parse(localStorage.getItem("katip.options")).priority);
  assert.equal(await kept(), "9");
  await operator.getByText("root", { exact: true }).click();
  await operator.getByRole("button", { name: "Sign out" }).click();
  await signIn(operator, "emre");
  await operator.getByText("Drop recordings here").waitFor();
  await operator.waitForFunction(() => JSON.parse(localStorage.getItem("katip.options")).priority === "");
  assert.deepEqual(await priorities(operator), ["Normal", "When there is time"]);
  await operator.getByText("emre", { exact: true }).click();
  await operator.getByRole("button", { name: "Sign out" }).click();
  await operator.getByRole("heading", { name: "Sign in" }).waitFor();

  // One's own account: where one is signed in, keys, webhooks, another password.
  const settings = async (name) => {
    await page.getByText("emre", { exact: true }).click();
    await page.getByRole("link", { name, exact: true }).click();
  };
  const other = await open();
  await other.goto("/library?status=cancelled");
  await signIn(other, "emre");
  await other.getByRole("searchbox").fill("typed before");
  await other.evaluate(() => { window.isSame = true; });
  await settings("Account");
  await page.getByRole("heading", { name: "Where you are signed in" }).waitFor();
  await checkAccess(page);
  await page.getByRole("button", { name: "Sign out there" }).last().click();
  await page.getByText("1 session has ended.").waitFor();

  // There the page waits behind the question for the password, and goes on as it was.
  await other.getByLabel("Status").selectOption("failed");
  await other.getByText("Your session has ended.").waitFor();
  await checkAccess(other);
  await signIn(other, "emre");
  await other.getByText("Your session has ended.").waitFor({ state: "detached" });
  await other.getByText("Nothing fits").waitFor();
  assert.equal(await other.getByRole("searchbox").inputValue(), "typed before");
  assert.equal(await other.evaluate(() => window.isSame), true);

  await page.getByLabel("Password until now").fill("not this one");
  await page.getByLabel("New password").fill("correct horse battery staple");
  await page.getByRole("button", { name: "Change it" }).click();
  await page.getByText("the old password is wrong").waitFor();
  await page.getByLabel("Password until now").fill(needs.password);
  await page.getByRole("button", { name: "Change it" }).click();
  await page.getByText("The password is changed").waitFor();

  const part = page.getByRole("navigation", { name: "Parts of the account" });
  await part.getByRole("link", { name: "Keys" }).click();
  await page.getByRole("button", { name: "New key" }).click();
  await page.getByLabel("Name").fill("importer");
  await page.getByRole("button", { name: "Create the key" }).click();
  await page.getByRole("dialog").getByText(/^kp_/).waitFor();
  await page.getByRole("dialog").getByLabel("Close").click();
  await page.getByLabel("What to do with importer").click();
  await page.getByRole("button", { name: "Change", exact: true }).click();
  await page.getByLabel("Requests a minute").fill("60");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("60/min").waitFor();
  await part.getByRole("link", { name: "Webhooks" }).click();
  await page.getByText("No webhook yet").waitFor();
  await checkAccess(page);
  await page.setViewportSize({ width: 360, height: 740 });
  await part.getByRole("link", { name: "Password" }).click();
  await page.getByRole("heading", { name: "Where you are signed in" }).waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
  await page.setViewportSize({ width: 1280, height: 800 });

  // A session that ended elsewhere asks for the password, and then goes on. (No click: the page may
  // notice by itself before that, and the link would be gone.)
  await page.context().clearCookies();
  await page.goto("/library");
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await signIn(page, "emre", "correct horse battery staple");
  await page.getByRole("heading", { level: 1, name: "Library" }).waitFor();
});
