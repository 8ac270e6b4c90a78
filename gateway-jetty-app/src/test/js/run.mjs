// Calls a running gateway with the official clients; only base URL and key differ from calling the model server itself.
// Its argument is the act: what the model server does meanwhile. Environment: see support.mjs. Prints one line per check and
// ends with 1 at the first that fails.
import * as anthropic from './anthropic.mjs';
import * as ollama from './ollama.mjs';
import * as openai from './openai.mjs';

const act = process.argv[2];
for (const client of [ollama, openai, anthropic]) {
  await client[act]();
}
