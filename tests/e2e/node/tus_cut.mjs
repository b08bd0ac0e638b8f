// Uploads a file by tus-js-client over connections that break; it resumes by itself until all is
// there.
import fs from "node:fs";
import { createRequire } from "node:module";

const [, , modules, url, file, chunkSize] = process.argv;
const require = createRequire(modules + "/");
const tus = require("tus-js-client");

const result = { retries: 0 };
await new Promise((resolve, reject) => {
  const uploader = new tus.Upload(fs.createReadStream(file), {
    endpoint: url + "/api/v1/uploads",
    uploadSize: fs.statSync(file).size,
    chunkSize: Number(chunkSize),
    retryDelays: new Array(200).fill(20),
    metadata: { filename: "talk.bin" },
    onShouldRetry: () => {
      result.retries += 1;
      return true;
    },
    onError: reject,
    onSuccess: () => {
      result.path = new URL(uploader.url, url).pathname;
      resolve();
    },
  });
  uploader.start();
});
console.log(JSON.stringify(result));
