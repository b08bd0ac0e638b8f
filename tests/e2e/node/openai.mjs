// Everything that OpenAI's Node client does with audio; one JSON object on standard output.
import fs from "node:fs";
import { createRequire } from "node:module";

const [, , modules, url, file] = process.argv;
const require = createRequire(modules + "/");
const OpenAI = require("openai").default;
const client = new OpenAI({ baseURL: url + "/v1", apiKey: "any", maxRetries: 0 });
const recording = () => fs.createReadStream(file);
const create = (fields) => client.audio.transcriptions.create({
  file: recording(), model: "whisper-1", language: "en", ...fields });

const result = {};
result.json = await create({});
result.text = await create({ response_format: "text" });
result.srt = await create({ response_format: "srt" });
result.vtt = await create({ response_format: "vtt" });
result.verbose = await create({
  response_format: "verbose_json", timestamp_granularities: ["word", "segment"] });
result.deltas = [];
for await (const event of await create({ model: "gpt-4o-transcribe", stream: true })) {
  if (event.type === "transcript.text.delta") result.deltas.push(event.delta);
  if (event.type === "transcript.text.done") result.done = event.text;
}
result.translation = await client.audio.translations.create({
  file: recording(), model: "whisper-1" });
result.models = [];
for await (const model of client.models.list()) result.models.push(model.id);
try {
  await create({ language: "english" });
} catch (error) {
  result.error = { name: error.constructor.name, status: error.status, param: error.param,
                   type: error.type, id: error.requestID };
}
console.log(JSON.stringify(result));
