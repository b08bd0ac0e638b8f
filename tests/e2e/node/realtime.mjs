// Live speech by OpenAI's Node client; one JSON object on standard output. It always takes TLS
// for this, which katip on this machine does not speak: onURL says otherwise.
import fs from "node:fs";
import { createRequire } from "node:module";

const [, , modules, url, pcm] = process.argv;
const require = createRequire(modules + "/");
const OpenAI = require("openai").default;
const { OpenAIRealtimeWebSocket } = require("openai/realtime/websocket");
const client = new OpenAI({ baseURL: url + "/v1", apiKey: "any", maxRetries: 0 });
const kPrefix = "conversation.item.input_audio_transcription.";
const kPieceSize = 4800;  // A tenth of a second.

// Sends what `begin` says once the session is there; resolves with all events when one of the
// type `last` has come.
const converse = (apiKey, begin, last) => new Promise((resolve, reject) => {
  const events = [];
  const live = new OpenAIRealtimeWebSocket({ model: "gpt-4o-transcribe", onURL: (address) => {
    address.protocol = "ws:";
    address.searchParams.set("intent", "transcription");
  } }, client.withOptions({ apiKey }));
  live.on("error", (error) => {
    if (last !== "error") return reject(error);
    live.close();
    resolve([...events, { type: "error", error: error.error }]);
  });
  live.on("event", (event) => {
    events.push(event);
    if (event.type === "session.created") begin(live);
    if (event.type !== last || last === "error") return;
    live.close();
    resolve(events);
  });
});

const session = (transcription) => ({ type: "transcription", audio: { input: {
  format: { type: "audio/pcm", rate: 24000 }, turn_detection: null,
  transcription: { model: "gpt-4o-transcribe", language: "en", ...transcription } } },
  include: ["item.input_audio_transcription.logprobs"] });

const speak = (live) => {
  live.send({ type: "session.update", session: session({ keywords: ["Dashwood"] }) });
  const sound = fs.readFileSync(pcm);
  for (let begin = 0; begin < sound.length; begin += kPieceSize) {
    live.send({ type: "input_audio_buffer.append",
                audio: sound.subarray(begin, begin + kPieceSize).toString("base64") });
  }
  live.send({ type: "input_audio_buffer.commit" });
};

const result = {};
result.spoken = await converse("any", speak, kPrefix + "completed");
result.refused = (await converse("any", (live) => {
  live.send({ type: "session.update", session: session({ delay: "low" }) });
}, "error")).at(-1).error;
const secret = await client.realtime.clientSecrets.create({
  session: session({ language: "tr" }), expires_after: { anchor: "created_at", seconds: 60 } });
result.secret = secret.value;
result.created = (await converse(secret.value, () => {}, "session.created")).at(-1).session;
console.log(JSON.stringify(result));
