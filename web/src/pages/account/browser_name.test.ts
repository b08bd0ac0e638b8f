import assert from "node:assert/strict";
import test from "node:test";
import { browserOf } from "./browser_name.ts";

test("browsers are told by what they are, not by whom they imitate", () => {
  const names: [string, string | null][] = [
    ["Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox 140 · Linux"],
    ["Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36 Edg/143.0.0.0", "Edge 143 · Windows"],
    ["Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Mobile Safari/537.36", "Chrome 143 · Android"],
    ["Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1", "Safari 18 · iOS"],
    ["curl/7.88.1", "curl/7.88.1"],
    ["", null],
  ];
  for (const [userAgent, name] of names) assert.equal(browserOf(userAgent), name);
});
