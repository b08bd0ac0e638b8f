// Everything that OpenAI's Node client does with audio; one JSON object on standard output.
import fs from "node:fs";
import { createRequire } from "node:module";

const [, , modules, url, file, spareModel] = process.argv;
const require = createRequire(modules + "/");
const OpenAI = require("openai").default;
const client = new OpenAI({ baseURL: url + "/v1", apiKey: "any", maxRetries: 0 });
const recording = () => fs.createReadStream(file);
const create = (fields) => client.audio.transcriptions.create({
  file: recording(), model: "whisper-1", language: "en", ...fields });
const errorOf = async (promise) => {
  try {
    await promise;
  } catch (error) {
    return { name: error.constructor.name, status: error.status, param: error.param,
             code: error.code, type: error.type, id: error.requestID };
  }
  throw new Error("nothing was refused");
};

const result = {};
result.json = await create({});
result.text = await create({ response_format: "text" });
result.srt = await create({ response_format: "srt" });
result.vtt = await create({ response_format: "vtt" });
result.verbose = await create({
  response_format: "verbose_json", timestamp_granularities: ["word", "segment"] });
result.logprobs = (await create({ model: "gpt-4o-transcribe", include: ["logprobs"] })).logprobs;
result.keywords = (await create({
  model: "gpt-transcribe", keywords: ["Dashwood", "Norland"], prompt: "A novel by Jane Austen.",
  temperature: 0.2 })).text;
result.diarized = await create({
  model: "gpt-4o-transcribe-diarize", response_format: "diarized_json",
  chunking_strategy: { type: "server_vad", threshold: 0.5 } });

result.deltas = [];
result.deltaTokens = [];
for await (const event of await create({
  model: "gpt-4o-transcribe", stream: true, include: ["logprobs"] })) {
  if (event.type === "transcript.text.delta") {
    result.deltas.push(event.delta);
    result.deltaTokens.push(...event.logprobs);
  }
  if (event.type === "transcript.text.done") {
    result.done = event.text;
    result.doneTokens = event.logprobs;
  }
}
result.segments = [];
for await (const event of await create({
  model: "gpt-4o-transcribe-diarize", response_format: "diarized_json", stream: true,
  chunking_strategy: "auto" })) {
  if (event.type === "transcript.text.segment") result.segments.push(event);
}

result.translation = await client.audio.translations.create({
  file: recording(), model: "whisper-1" });
result.models = [];
for await (const model of client.models.list()) result.models.push(model.id);
result.model = await client.models.retrieve("whisper-1");
result.noModel = await errorOf(client.models.retrieve("some/other-model"));
result.usedModel = await errorOf(client.models.delete("base"));
result.deleted = await client.models.delete(spareModel);
result.error = await errorOf(create({ language: "english" }));
console.log(JSON.stringify(result));
