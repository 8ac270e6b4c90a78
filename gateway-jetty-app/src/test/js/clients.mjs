// Calls a running gateway with the official clients; only base URL and key differ from calling Ollama itself.
// Environment: CLIENT_GATEWAY_URL; CLIENT_KEY, which may use CLIENT_MODEL but not CLIENT_OTHER_MODEL; CLIENT_SPENT_KEY, whose
// budget is spent; CLIENT_EXPECTED_TEXT, which the model says. Prints one line per check and ends with 1 at the first that fails.
import assert from 'node:assert/strict';
import { Ollama } from 'ollama';
import OpenAI, { AuthenticationError, PermissionDeniedError, APIError } from 'openai';

const need = (name) => {
  const value = process.env[name];
  assert.ok(value, `set ${name}`);
  return value;
};
const url = need('CLIENT_GATEWAY_URL');
const key = need('CLIENT_KEY');
const spentKey = need('CLIENT_SPENT_KEY');
const model = need('CLIENT_MODEL');
const otherModel = need('CLIENT_OTHER_MODEL');
const text = need('CLIENT_EXPECTED_TEXT');
const wrongKey = `${key.slice(0, -1)}${key.endsWith('0') ? '1' : '0'}`;
const messages = [{ role: 'user', content: 'Why is the sky blue?' }];

const ollamaWith = (bearer) => new Ollama({ host: url, headers: { Authorization: `Bearer ${bearer}` } });
// Without retries, so that the first answer is the one that is checked.
const openaiWith = (bearer) => new OpenAI({ baseURL: `${url}/v1`, apiKey: bearer, maxRetries: 0 });
const ollama = ollamaWith(key);
const openai = openaiWith(key);

async function check(name, steps) {
  try {
    await steps();
  } catch (error) {
    console.log(`failed ${name}: ${error.stack}`);
    process.exit(1);
  }
  console.log(`ok ${name}`);
}

/** The error that the call ends with. */
async function errorOf(call) {
  try {
    await call();
  } catch (error) {
    return error;
  }
  throw new assert.AssertionError({ message: 'the call succeeded' });
}

/** What came, and over how many milliseconds it came. */
async function collect(stream, textOf) {
  const chunks = [];
  const arrivals = [];
  for await (const chunk of stream) {
    chunks.push(chunk);
    arrivals.push(performance.now());
  }
  return {
    chunks,
    text: chunks.map((chunk) => textOf(chunk) ?? '').join(''),
    spread: arrivals.at(-1) - arrivals[0],
  };
}

/** A buffered answer would come all at once; the mock takes some 20 ms for each frame. */
function assertIncremental({ chunks, spread }) {
  assert.ok(chunks.length >= 5, `${chunks.length} chunks`);
  assert.ok(spread > 20 * (chunks.length - 2) * 0.5, `${chunks.length} chunks within ${spread} ms`);
}

await check('ollama lists the allowed model only', async () => {
  const { models } = await ollama.list();
  assert.deepEqual(
    models.map((entry) => entry.name),
    [model],
  );
});

await check('ollama shows the allowed model and no other', async () => {
  const shown = await ollama.show({ model });
  assert.ok(shown.details.family);
  assert.ok(shown.capabilities.includes('completion'));
  const fromOllama = await errorOf(() => ollama.show({ model: otherModel }));
  assert.equal(fromOllama.status_code, 403);
});

await check('ollama chats', async () => {
  const answer = await ollama.chat({ model, messages });
  assert.equal(answer.message.content, text);
  assert.equal(answer.done, true);
  assert.ok(answer.eval_count > 0);
});

await check('ollama streams a chat', async () => {
  const result = await collect(
    await ollama.chat({ model, messages, stream: true }),
    (chunk) => chunk.message.content,
  );
  assert.equal(result.text, text);
  assert.equal(result.chunks.at(-1).done, true);
  assertIncremental(result);
});

await check('openai lists the allowed model only', async () => {
  const ids = [];
  for await (const entry of openai.models.list()) {
    ids.push(entry.id);
  }
  assert.deepEqual(ids, [model]);
});

await check('openai retrieves the allowed model and no other', async () => {
  const entry = await openai.models.retrieve(model);
  assert.equal(entry.id, model);
  const fromOpenai = await errorOf(() => openai.models.retrieve(otherModel));
  assert.ok(fromOpenai instanceof PermissionDeniedError, String(fromOpenai));
});

await check('openai chats', async () => {
  const answer = await openai.chat.completions.create({ model, messages });
  assert.equal(answer.choices[0].message.content, text);
  assert.equal(answer.choices[0].finish_reason, 'stop');
  assert.ok(answer.usage.completion_tokens > 0);
});

await check('openai streams a chat', async () => {
  const result = await collect(
    await openai.chat.completions.create({ model, messages, stream: true }),
    (chunk) => chunk.choices[0]?.delta?.content,
  );
  assert.equal(result.text, text);
  assert.ok(result.chunks.every((chunk) => !chunk.usage), 'usage came though it was not asked for');
  assertIncremental(result);
});

await check('openai streams the usage if asked to', async () => {
  const result = await collect(
    await openai.chat.completions.create({ model, messages, stream: true, stream_options: { include_usage: true } }),
    (chunk) => chunk.choices[0]?.delta?.content,
  );
  assert.ok(result.chunks.at(-1).usage.total_tokens > 0);
});

await check('a wrong key is a typed 401', async () => {
  const fromOpenai = await errorOf(() => openaiWith(wrongKey).models.list());
  assert.ok(fromOpenai instanceof AuthenticationError, String(fromOpenai));
  assert.equal(fromOpenai.status, 401);
  assert.equal(fromOpenai.code, 'invalid_api_key');
  const fromOllama = await errorOf(() => ollamaWith(wrongKey).list());
  assert.equal(fromOllama.name, 'ResponseError');
  assert.equal(fromOllama.status_code, 401);
});

await check('a model that is not allowed is a typed 403', async () => {
  const fromOpenai = await errorOf(() => openai.chat.completions.create({ model: otherModel, messages }));
  assert.ok(fromOpenai instanceof PermissionDeniedError, String(fromOpenai));
  assert.equal(fromOpenai.status, 403);
  assert.equal(fromOpenai.code, 'model_not_permitted');
  const fromOllama = await errorOf(() => ollama.chat({ model: otherModel, messages }));
  assert.equal(fromOllama.name, 'ResponseError');
  assert.equal(fromOllama.status_code, 403);
});

await check('a model that is not allowed is a typed 403 to a stream too', async () => {
  const fromOpenai = await errorOf(() =>
    openai.chat.completions.create({ model: otherModel, messages, stream: true }),
  );
  assert.ok(fromOpenai instanceof PermissionDeniedError, String(fromOpenai));
  const fromOllama = await errorOf(() => ollama.chat({ model: otherModel, messages, stream: true }));
  assert.equal(fromOllama.status_code, 403);
});

await check('a spent budget is a typed 402', async () => {
  const fromOpenai = await errorOf(() => openaiWith(spentKey).chat.completions.create({ model, messages }));
  assert.ok(fromOpenai instanceof APIError, String(fromOpenai));
  assert.equal(fromOpenai.status, 402);
  assert.equal(fromOpenai.code, 'budget_exhausted');
  const fromOllama = await errorOf(() => ollamaWith(spentKey).chat({ model, messages }));
  assert.equal(fromOllama.name, 'ResponseError');
  assert.equal(fromOllama.status_code, 402);
});

await check('pulling is blocked', async () => {
  const fromOllama = await errorOf(() => ollama.pull({ model, stream: false }));
  assert.equal(fromOllama.status_code, 403);
});
