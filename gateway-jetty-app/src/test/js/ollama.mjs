import assert from 'node:assert/strict';
import { Ollama } from 'ollama';
import * as given from './support.mjs';
import { assertIncremental, check, checkEach, collect, errorOf, messages, model, otherModel, text } from './support.mjs';

const ollamaWith = (bearer) => new Ollama({ host: given.url, headers: { Authorization: `Bearer ${bearer}` } });
const ollama = ollamaWith(given.key);
const tools = [
  { type: 'function', function: { name: 'weather', description: 'Tells it.', parameters: given.parameters } },
];

/** The client has one class for all errors. */
async function assertFails(status, message, call) {
  const error = await errorOf(call);
  assert.equal(error.name, 'ResponseError', String(error));
  assert.equal(error.status_code, status);
  assert.match(error.message, message);
}

/** The model server answers as it should. */
export async function answers() {
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
    await assertFails(403, /not available/, () => ollama.show({ model: otherModel }));
  });

  await check('ollama asks for the version', async () => {
    assert.match((await ollama.version()).version, /^\d+\.\d+/);
  });

  await check('ollama chats', async () => {
    const answer = await ollama.chat({ model, messages });
    assert.equal(answer.message.content, text);
    assert.equal(answer.done, true);
    assert.ok(answer.eval_count > 0);
  });

  await check('ollama chats about an image', async () => {
    const image = Buffer.from(given.png, 'base64');
    const answer = await ollama.chat({ model, messages: [{ role: 'user', content: 'What is it?', images: [image] }] });
    assert.equal(answer.message.content, text);
  });

  await check('ollama chats in a given format', async () => {
    const answer = await ollama.chat({ model, messages, format: given.parameters, options: { temperature: 0 } });
    assert.equal(answer.message.content, text);
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

  await check('ollama generates', async () => {
    const answer = await ollama.generate({ model, prompt: given.question });
    assert.equal(answer.response, text);
    const result = await collect(
      await ollama.generate({ model, prompt: given.question, stream: true }),
      (chunk) => chunk.response,
    );
    assert.equal(result.text, text);
    assertIncremental(result);
  });

  await check('ollama embeds', async () => {
    const { embeddings } = await ollama.embed({ model, input: ['sky', 'sea'] });
    assert.equal(embeddings.length, 2);
    assert.ok(embeddings[0].length > 1 && Number.isFinite(embeddings[0][0]));
    const { embedding } = await ollama.embeddings({ model, prompt: 'sky' });
    assert.ok(embedding.length > 1);
  });

  await check('ollama aborts a stream', async () => {
    const stream = await ollama.chat({ model, messages, stream: true });
    const error = await errorOf(async () => {
      for await (const chunk of stream) {
        assert.ok(chunk);
        stream.abort();
      }
    });
    assert.equal(error.name, 'AbortError');
  });

  await check('ollama meets a wrong key as 401', () =>
    assertFails(401, /API key is required/, () => ollamaWith(given.wrongKey).list()),
  );

  await check('ollama meets a spent budget as 402', () =>
    assertFails(402, /budget is spent/, () => ollamaWith(given.spentKey).chat({ model, messages })),
  );

  await check('ollama meets a forbidden model as 403', async () => {
    await assertFails(403, /not available/, () => ollama.chat({ model: otherModel, messages }));
    await assertFails(403, /not available/, () => ollama.chat({ model: otherModel, messages, stream: true }));
  });

  await check('ollama meets too many requests as 429', async () => {
    const hasty = ollamaWith(given.hastyKey);
    await assertFails(429, /see Retry-After/, async () => {
      await hasty.chat({ model, messages });
      await hasty.chat({ model, messages });
    });
  });

  await check('ollama cannot pull', () =>
    assertFails(403, /never forwarded/, () => ollama.pull({ model, stream: false })),
  );
}

/** The model thinks and calls a tool. */
export async function calls() {
  await check('ollama thinks and calls a tool', async () => {
    const { message } = await ollama.chat({ model, messages, tools, think: true });
    assert.equal(message.thinking, 'Hm.');
    assert.equal(message.tool_calls[0].function.name, 'weather');
    assert.deepEqual(message.tool_calls[0].function.arguments, given.toolArguments);

    const result = { role: 'tool', tool_name: 'weather', content: 'rain' };
    const next = await ollama.chat({ model, messages: [...messages, message, result], tools });
    assert.equal(next.message.content, text);
  });

  await check('ollama streams a tool call', async () => {
    const { chunks } = await collect(await ollama.chat({ model, messages, tools, think: true, stream: true }), () => '');
    assert.ok(chunks.some((chunk) => chunk.message.thinking));
    const calls = chunks.flatMap((chunk) => chunk.message.tool_calls ?? []);
    assert.deepEqual(
      calls.map((call) => call.function.arguments),
      [given.toolArguments],
    );
  });
}

/** The model server breaks its answers off. */
export async function broken() {
  const read = async (stream) => collect(await stream, () => '');
  const calls = {
    chat: () => read(ollama.chat({ model, messages, stream: true })),
    generate: () => read(ollama.generate({ model, prompt: given.question, stream: true })),
  };
  await checkEach('ollama sees that it broke:', calls, async (call) => {
    assert.match((await errorOf(call)).message, /cut short|did not answer in time|failed to answer/);
  });
}

/** A store that the gateway needs is away. */
export async function unavailable() {
  await check('ollama meets an outage as 503', async () => {
    await assertFails(503, /cannot be verified right now/, () => ollama.chat({ model, messages }));
    await assertFails(503, /cannot be verified right now/, () => ollama.embed({ model, input: 'sky' }));
  });
}
