import assert from 'node:assert/strict';
import Anthropic, {
  APIError,
  APIUserAbortError,
  AuthenticationError,
  PaymentRequiredError,
  PermissionDeniedError,
  RateLimitError,
  ServiceUnavailableError,
} from '@anthropic-ai/sdk';
import * as given from './support.mjs';
import { assertIncremental, check, checkEach, collect, errorOf, messages, model, otherModel, text } from './support.mjs';

// Without retries, so that the first answer is the one that is checked. Without the other credential, which the client would
// take from the environment.
const inBearer = (authToken, maxRetries = 0) =>
  new Anthropic({ baseURL: given.url, authToken, apiKey: null, maxRetries });
const inApiKey = (apiKey) => new Anthropic({ baseURL: given.url, apiKey, authToken: null, maxRetries: 0 });
const anthropic = inApiKey(given.key);
const request = { model, max_tokens: 100, messages };
const tools = [{ name: 'weather', description: 'Tells it.', input_schema: given.parameters }];
const thinking = { type: 'enabled', budget_tokens: 1024 };
const block = (message, type) => message.content.find((each) => each.type === type);

async function assertFails(type, status, name, call) {
  const error = await errorOf(call);
  assert.ok(error instanceof type, String(error));
  assert.equal(error.status, status);
  assert.equal(error.type, name);
  assert.match(error.requestID, /^[0-9a-f-]{36}$/);
  assert.equal(error.error.request_id, error.requestID);
  return error;
}

/** The model server answers as it should. */
export async function answers() {
  for (const [name, client] of [
    ['a bearer', inBearer(given.key)],
    ['x-api-key', anthropic],
  ]) {
    await check(`anthropic sends a message with its key in ${name}`, async () => {
      const message = await client.messages.create({ ...request, system: 'Be brief.' });
      assert.equal(block(message, 'text').text, text);
      assert.equal(message.stop_reason, 'end_turn');
      assert.ok(message.usage.output_tokens > 0);
    });
  }

  await check('anthropic sends what is beta', async () => {
    const message = await anthropic.beta.messages.create({ ...request, betas: ['context-1m-2025-08-07'] });
    assert.equal(block(message, 'text').text, text);
  });

  await check('anthropic sends an image', async () => {
    const content = [
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: given.png } },
      { type: 'text', text: 'What is it?', cache_control: { type: 'ephemeral' } },
    ];
    const system = [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } }];
    const message = await anthropic.messages.create({ ...request, system, messages: [{ role: 'user', content }] });
    assert.equal(block(message, 'text').text, text);
  });

  await check('anthropic streams a message, event after event', async () => {
    const result = await collect(await anthropic.messages.create({ ...request, stream: true }), (event) =>
      event.type === 'content_block_delta' ? event.delta.text : '',
    );
    assert.equal(result.text, text);
    assertIncremental(result);
    const types = result.chunks.map((event) => event.type);
    assert.deepEqual(types.slice(0, 2), ['message_start', 'content_block_start']);
    assert.deepEqual(types.slice(-3), ['content_block_stop', 'message_delta', 'message_stop']);
  });

  await check('anthropic puts a streamed message together', async () => {
    const stream = anthropic.messages.stream(request);
    const message = await stream.finalMessage();
    assert.equal(await stream.finalText(), text);
    assert.equal(message.stop_reason, 'end_turn');
    assert.ok(message.usage.output_tokens > 0);
  });

  await check('anthropic aborts a stream', async () => {
    const stream = anthropic.messages.stream(request).on('text', () => stream.abort());
    const error = await errorOf(() => stream.finalMessage());
    assert.ok(error instanceof APIUserAbortError, String(error));
  });

  await check('anthropic meets a wrong key as 401', async () => {
    for (const client of [inBearer(given.wrongKey), inApiKey(given.wrongKey)]) {
      await assertFails(AuthenticationError, 401, 'authentication_error', () => client.messages.create(request));
    }
  });

  await check('anthropic meets a spent budget as 402', () =>
    assertFails(PaymentRequiredError, 402, 'billing_error', () => inApiKey(given.spentKey).messages.create(request)),
  );

  await check('anthropic meets a forbidden model as 403', async () => {
    for (const stream of [false, true]) {
      await assertFails(PermissionDeniedError, 403, 'permission_error', () =>
        anthropic.messages.create({ ...request, model: otherModel, stream }),
      );
    }
  });

  await check('anthropic meets too many requests as 429', async () => {
    const hasty = inApiKey(given.hastyKey);
    const error = await assertFails(RateLimitError, 429, 'rate_limit_error', async () => {
      await hasty.messages.create(request);
      await hasty.messages.create(request);
    });
    const wait = Number(error.headers.get('retry-after'));
    assert.ok(wait >= 1 && wait <= 60, `told to wait ${wait} s`);
  });

  await check('anthropic comes again when Retry-After says so', async () => {
    const single = inBearer(given.singleKey, 1);
    await given.assertRetriesAsTold(
      () => single.messages.create({ ...request, stream: true }),
      () => single.messages.create(request),
    );
  });
}

/** The model thinks and calls a tool. */
export async function calls() {
  await check('anthropic thinks and calls a tool', async () => {
    const message = await anthropic.messages.create({ ...request, tools, thinking, max_tokens: 2048 });
    assert.equal(message.stop_reason, 'tool_use');
    assert.equal(block(message, 'thinking').thinking, 'Hm.');
    assert.deepEqual(block(message, 'tool_use').input, given.toolArguments);

    const result = { type: 'tool_result', tool_use_id: block(message, 'tool_use').id, content: 'rain' };
    const { role, content } = message;
    const next = await anthropic.messages.create({
      ...request,
      tools,
      messages: [...messages, { role, content }, { role: 'user', content: [result] }],
    });
    assert.equal(block(next, 'text').text, text);
  });

  await check('anthropic streams a tool call', async () => {
    const message = await anthropic.messages.stream({ ...request, tools, thinking, max_tokens: 2048 }).finalMessage();
    assert.equal(block(message, 'thinking').thinking, 'Hm.');
    assert.deepEqual(block(message, 'tool_use').input, given.toolArguments);
  });
}

/** The model server breaks its answers off. */
export async function broken() {
  const whole = () => anthropic.messages.stream(request).finalMessage();
  const stream = async () => collect(await anthropic.messages.create({ ...request, stream: true }), () => '');
  await checkEach('anthropic sees that it broke:', { stream, whole }, async (call) => {
    const error = await errorOf(call);
    assert.ok(error instanceof APIError, String(error));
    assert.match(error.type, /^(api|timeout)_error$/);
    assert.match(error.error.request_id, /^[0-9a-f-]{36}$/);
  });
}

/** A store that the gateway needs is away. */
export async function unavailable() {
  await check('anthropic meets an outage as 503', async () => {
    for (const stream of [false, true]) {
      const error = await assertFails(ServiceUnavailableError, 503, 'overloaded_error', () =>
        anthropic.messages.create({ ...request, stream }),
      );
      assert.equal(error.headers.get('retry-after'), '1');
    }
  });
}
