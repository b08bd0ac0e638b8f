import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { crc32, uniqueNames, zip } from "./zip.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

test("the sum is that of the standard", () => {
  assert.equal(crc32(bytes("123456789")), 0xcbf43926);
  assert.equal(crc32(bytes("")), 0);
});

test("names come once", () => {
  assert.deepEqual(uniqueNames(["a.txt", "a.txt", "a (2).txt", "b", "b"]),
    ["a.txt", "a (2).txt", "a (2) (2).txt", "b", "b (2)"]);
});

test("others can read it", () => {
  const folder = mkdtempSync(join(tmpdir(), "katip-zip-"));
  try {
    const file = join(folder, "a.zip");
    writeFileSync(file, Buffer.concat(zip([
      { name: "Toplantı.txt", bytes: bytes("şu an") }, { name: "empty.srt", bytes: bytes("") },
    ])));
    const read = execFileSync("python3", ["-c", `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as file:
    assert file.testzip() is None
    print([(name, file.read(name).decode()) for name in file.namelist()])`, file], { encoding: "utf8" });
    assert.equal(read.trim(), "[('Toplantı.txt', 'şu an'), ('empty.srt', '')]");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
