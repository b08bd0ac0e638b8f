// Uploads a file by tus-js-client, breaks off in the middle, and goes on with a new uploader.
import fs from "node:fs";
import { createRequire } from "node:module";

const [, , modules, url, file] = process.argv;
const require = createRequire(modules + "/");
const tus = require("tus-js-client");
const size = fs.statSync(file).size;

const upload = (uploadUrl, stopAt) => new Promise((resolve, reject) => {
  const uploader = new tus.Upload(fs.createReadStream(file), {
    endpoint: url + "/api/v1/uploads",
    uploadUrl,
    uploadSize: size,
    chunkSize: 300_000,
    metadata: { filename: "toplantı.mp4", filetype: "video/mp4" },
    onError: reject,
    onSuccess: () => resolve(uploader.url),
    onChunkComplete: (_, done) => {
      if (stopAt && done >= stopAt) uploader.abort().then(() => resolve(uploader.url), reject);
    },
  });
  uploader.start();
});

const begun = await upload(null, size / 2);
console.log(JSON.stringify({ begun, ended: await upload(begun, null) }));
