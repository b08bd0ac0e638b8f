// What OpenAI's Node client says of a webhook that came in; one JSON object on standard output.
import { createRequire } from "node:module";

const [, , modules, secret, headers, body] = process.argv;
const require = createRequire(modules + "/");
const OpenAI = require("openai").default;
const client = new OpenAI({ apiKey: "any", webhookSecret: secret });
const given = new Headers(JSON.parse(headers));

const result = { event: await client.webhooks.unwrap(body, given) };
await client.webhooks.verifySignature(body, given);
try {
  await client.webhooks.unwrap(body.replace("cancelled", "completed"), given);
} catch (error) {
  result.forged = error.constructor.name;
}
console.log(JSON.stringify(result));
