import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import test from "node:test";
import { language } from "../i18n/language.ts";
import { inLanguage, said, told } from "./server_words.ts";

/** The sources of the server; literals that the compiler joins are joined. */
const sources = ["app", "audio", "http", "remote"]
  .flatMap((folder) => globSync(`${folder}/**/*.cc`, { cwd: new URL("../../../src", import.meta.url) }))
  .filter((file) => !file.endsWith("_test.cc"))
  .map((file) => readFileSync(new URL(`../../../src/${file}`, import.meta.url), "utf8"))
  .join("\n")
  .replace(/"\s*\n\s*"/g, "");

test("the server says all of it", () => {
  for (const [english, turkish] of told) {
    for (const part of english.split("{}").flatMap((each) => each.split("; an administrator can"))) {
      assert.ok(sources.includes(part.replace(/^ | $/g, "")), `nobody says “${part}”`);
    }
    assert.equal(turkish.split("{}").length, english.split("{}").length, english);
  }
});

test("what varies stands where it belongs, and what is around it stays", () => {
  language.value = "tr";
  assert.equal(said("notes.mp3: there is no audio track in this file"), "notes.mp3: bu dosyada ses yok");
  assert.equal(said("the login ayse is taken"), "ayse giriş adı alınmış");
  assert.equal(
    said("10.0.0.1:80 is no public address with port 80 or 443, and is not connected to; an administrator can " +
      "allow it in `outgoing.allow`"),
    "10.0.0.1:80, 80 ya da 443 kapısıyla herkese açık bir adres değil, bağlanılmaz; bir yönetici " +
      "`outgoing.allow` ile izin verebilir");
  assert.equal(said("the sound is longer than the limit of 4 h 10 min"), "ses, izin verilen süreden uzun: 4 h 10 min");
  assert.equal(said("something new"), "something new");
  assert.equal(inLanguage("something new"), null);
  language.value = "en";
  assert.equal(said("the login ayse is taken"), "the login ayse is taken");
});
