import assert from 'node:assert/strict';
import OpenAI, {
  APIError,
  AuthenticationError,
  InternalServerError,
  PermissionDeniedError,
  RateLimitError,
} from 'openai';
import * as given from './support.mjs';
import { assertIncremental, check, checkEach, collect, errorOf, messages, model, otherModel, question, text } from './support.mjs';

// Without retries, so that the first answer is the one that is checked.
const openaiWith = (apiKey, maxRetries = 0) => new OpenAI({ baseURL: `${given.url}/v1`, apiKey, maxRetries });
const openai = openaiWith(given.key);
const image = `data:image/png;base64,${given.png}`;
const tools = [
  { type: 'function', function: { name: 'weather', description: 'Tells it.', parameters: given.parameters } },
];
const responseTools = [
  { type: 'function', name: 'weather', description: 'Tells it.', parameters: given.parameters, strict: false },
];

async function assertFails(type, status, code, call) {
  const error = await errorOf(call);
  assert.ok(error instanceof type, String(error));
  assert.equal(error.status, status);
  assert.equal(error.code, code);
  assert.match(error.requestID, /^[0-9a-f-]{36}$/);
  return error;
}

/** The model server answers as it should. */
export async function answers() {
  await check('openai lists the allowed model only', async () => {
    const ids = [];
    for await (const entry of openai.models.list()) {
      ids.push(entry.id);
    }
    assert.deepEqual(ids, [model]);
  });

  await check('openai retrieves the allowed model and no other', async () => {
    assert.equal((await openai.models.retrieve(model)).id, model);
    await assertFails(PermissionDeniedError, 403, 'model_not_permitted', () => openai.models.retrieve(otherModel));
  });

  await check('openai chats', async () => {
    const answer = await openai.chat.completions.create({ model, messages });
    assert.equal(answer.choices[0].message.content, text);
    assert.equal(answer.choices[0].finish_reason, 'stop');
    assert.ok(answer.usage.completion_tokens > 0);
  });

  await check('openai chats about an image', async () => {
    const content = [
      { type: 'text', text: 'What is it?' },
      { type: 'image_url', image_url: { url: image, detail: 'low' } },
    ];
    const answer = await openai.chat.completions.create({ model, messages: [{ role: 'user', content }] });
    assert.equal(answer.choices[0].message.content, text);
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

  await check('openai puts a streamed chat together', async () => {
    const completion = await openai.chat.completions.stream({ model, messages }).finalChatCompletion();
    assert.equal(completion.choices[0].message.content, text);
  });

  await check('openai completes', async () => {
    const answer = await openai.completions.create({ model, prompt: question });
    assert.equal(answer.choices[0].text, text);
    const result = await collect(
      await openai.completions.create({ model, prompt: question, stream: true }),
      (chunk) => chunk.choices[0]?.text,
    );
    assert.equal(result.text, text);
    assertIncremental(result);
  });

  await check('openai embeds, in its own base64 and in numbers', async () => {
    const input = ['sky', 'sea'];
    const packed = await openai.embeddings.create({ model, input });
    const plain = await openai.embeddings.create({ model, input, encoding_format: 'float' });
    assert.equal(packed.data.length, 2);
    assert.ok(packed.data[0].embedding.length > 1);
    assert.deepEqual(packed.data[0].embedding, plain.data[0].embedding.map(Math.fround));
    assert.ok(packed.usage.total_tokens > 0);
  });

  await check('openai responds', async () => {
    const content = [
      { type: 'input_text', text: 'What is it?' },
      { type: 'input_image', image_url: image, detail: 'auto' },
    ];
    const answer = await openai.responses.create({
      model,
      instructions: 'Be brief.',
      input: [{ role: 'user', content }],
    });
    assert.equal(answer.status, 'completed');
    assert.equal(answer.output_text, text);
    assert.ok(answer.usage.total_tokens > 0);
  });

  await check('openai streams a response, event after event', async () => {
    const result = await collect(await openai.responses.create({ model, input: question, stream: true }), (event) =>
      event.type === 'response.output_text.delta' ? event.delta : '',
    );
    assert.equal(result.text, text);
    assertIncremental(result);
    const numbers = result.chunks.map((event) => event.sequence_number);
    assert.deepEqual(numbers, [...numbers.keys()]);
    const types = result.chunks.map((event) => event.type);
    assert.deepEqual(types.slice(0, 2), ['response.created', 'response.in_progress']);
    assert.deepEqual(types.slice(-4), [
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ]);
    assert.equal((await openai.responses.stream({ model, input: question }).finalResponse()).output_text, text);
  });

  await check('openai aborts a stream', async () => {
    const stream = await openai.chat.completions.create({ model, messages, stream: true });
    let chunks = 0;
    for await (const chunk of stream) {
      assert.ok(chunk);
      chunks++;
      stream.controller.abort();
    }
    assert.ok(chunks < 5, `${chunks} chunks came after all`);
  });

  await check('openai meets a wrong key as 401', () =>
    assertFails(AuthenticationError, 401, 'invalid_api_key', () => openaiWith(given.wrongKey).models.list()),
  );

  await check('openai meets a spent budget as 402', () =>
    assertFails(APIError, 402, 'budget_exhausted', () =>
      openaiWith(given.spentKey).chat.completions.create({ model, messages }),
    ),
  );

  await check('openai meets a forbidden model as 403', async () => {
    for (const stream of [false, true]) {
      await assertFails(PermissionDeniedError, 403, 'model_not_permitted', () =>
        openai.chat.completions.create({ model: otherModel, messages, stream }),
      );
      await assertFails(PermissionDeniedError, 403, 'model_not_permitted', () =>
        openai.responses.create({ model: otherModel, input: question, stream }),
      );
    }
  });

  await check('openai meets too many requests as 429', async () => {
    const hasty = openaiWith(given.hastyKey);
    const error = await assertFails(RateLimitError, 429, 'rate_limit_requests', async () => {
      await hasty.chat.completions.create({ model, messages });
      await hasty.chat.completions.create({ model, messages });
    });
    const wait = Number(error.headers.get('retry-after'));
    assert.ok(wait >= 1 && wait <= 60, `told to wait ${wait} s`);
  });

  await check('openai comes again when Retry-After says so', async () => {
    const single = openaiWith(given.singleKey, 1);
    await given.assertRetriesAsTold(
      () => single.chat.completions.create({ model, messages, stream: true }),
      () => single.chat.completions.create({ model, messages }),
    );
  });
}

/** The model thinks and calls a tool. */
export async function calls() {
  await check('openai thinks and calls a tool', async () => {
    const answer = await openai.chat.completions.create({ model, messages, tools, reasoning_effort: 'low' });
    const { message, finish_reason } = answer.choices[0];
    assert.equal(finish_reason, 'tool_calls');
    assert.equal(message.reasoning, 'Hm.');
    assert.equal(message.tool_calls[0].function.name, 'weather');
    assert.deepEqual(JSON.parse(message.tool_calls[0].function.arguments), given.toolArguments);

    const result = { role: 'tool', tool_call_id: message.tool_calls[0].id, content: 'rain' };
    const next = await openai.chat.completions.create({ model, messages: [...messages, message, result], tools });
    assert.equal(next.choices[0].message.content, text);
  });

  await check('openai streams a tool call', async () => {
    const completion = await openai.chat.completions.stream({ model, messages, tools }).finalChatCompletion();
    const [call] = completion.choices[0].message.tool_calls;
    assert.deepEqual(JSON.parse(call.function.arguments), given.toolArguments);
  });

  await check('openai responds with a tool call', async () => {
    const input = [{ role: 'user', content: question }];
    const reasoning = { effort: 'low', summary: 'auto' };
    const answer = await openai.responses.create({ model, input, tools: responseTools, reasoning });
    const call = answer.output.find((item) => item.type === 'function_call');
    assert.deepEqual(JSON.parse(call.arguments), given.toolArguments);

    const result = { type: 'function_call_output', call_id: call.call_id, output: 'rain' };
    const next = await openai.responses.create({
      model,
      input: [...input, ...answer.output, result],
      tools: responseTools,
    });
    assert.equal(next.output_text, text);
  });

  await check('openai streams a response with a tool call', async () => {
    const response = await openai.responses.stream({ model, input: question, tools: responseTools }).finalResponse();
    const call = response.output.find((item) => item.type === 'function_call');
    assert.deepEqual(JSON.parse(call.arguments), given.toolArguments);
    assert.equal(response.output[0].summary[0].text, 'Hm.');
  });
}

/** The model server breaks its answers off. */
export async function broken() {
  const read = async (stream) => collect(await stream, () => '');
  const calls = {
    chat: () => read(openai.chat.completions.create({ model, messages, stream: true })),
    completion: () => read(openai.completions.create({ model, prompt: question, stream: true })),
    response: () => read(openai.responses.create({ model, input: question, stream: true })),
    'whole chat': () => openai.chat.completions.stream({ model, messages }).finalChatCompletion(),
    'whole response': () => openai.responses.stream({ model, input: question }).finalResponse(),
  };
  await checkEach('openai sees that it broke:', calls, async (call) => {
    const error = await errorOf(call);
    assert.ok(error instanceof APIError, String(error));
    assert.match(error.code, /^upstream_(incomplete|error|timeout)$/);
  });
}

/** A store that the gateway needs is away. */
export async function unavailable() {
  await check('openai meets an outage as 503', async () => {
    const calls = [
      () => openai.chat.completions.create({ model, messages }),
      () => openai.responses.create({ model, input: question, stream: true }),
      () => openai.embeddings.create({ model, input: 'sky' }),
    ];
    for (const call of calls) {
      const error = await errorOf(call);
      assert.ok(error instanceof InternalServerError, String(error));
      assert.equal(error.status, 503);
      assert.match(error.code, /^(identity|limits)_unverifiable$/);
      assert.equal(error.headers.get('retry-after'), '1');
    }
  });
}
