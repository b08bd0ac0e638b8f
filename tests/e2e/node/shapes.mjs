// The forms in which OpenAI's Node client takes a recording, and the ways to its answer. Address
// and key come from the environment, as in the client's own examples.
import fs from "node:fs";
import { createRequire } from "node:module";
import { Readable } from "node:stream";

const [, , modules, file, address] = process.argv;
const require = createRequire(modules + "/");
const OpenAI = require("openai").default;
const { toFile, toStreamingFile } = require("openai");
const client = new OpenAI();
const bytes = fs.readFileSync(file);
const create = (recording, options) => client.audio.transcriptions.create(
  { file: recording, model: "gpt-4o-transcribe", language: "en" }, options);

const shapes = {
  stream: () => fs.createReadStream(file),
  file: () => new File([bytes], "talk.wav"),
  response: () => fetch(address),
  buffer: () => toFile(bytes, "talk.wav"),
  array: () => toFile(new Uint8Array(bytes), "talk.wav"),
  streaming: () => toStreamingFile(Readable.from(bytes), "talk.wav", { type: "audio/wav" }),
};
const result = { texts: {} };
for (const [name, shape] of Object.entries(shapes)) {
  result.texts[name] = (await create(await shape())).text;
}
const raw = await create(fs.createReadStream(file)).asResponse();
result.raw = { status: raw.status, type: raw.headers.get("content-type"), body: await raw.json() };
const { data, request_id: id } = await create(fs.createReadStream(file)).withResponse();
result.both = { text: data.text, id };
try {
  await create(fs.createReadStream(file), { timeout: 1, maxRetries: 0 });
} catch (error) {
  result.timeout = error.constructor.name;
}
const abort = new AbortController();
const aborted = create(fs.createReadStream(file), { signal: abort.signal });
abort.abort();
result.aborted = await aborted.catch((error) => error.constructor.name);
console.log(JSON.stringify(result));
