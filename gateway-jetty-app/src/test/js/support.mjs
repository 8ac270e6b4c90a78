// What the scripts of all clients share.
import assert from 'node:assert/strict';

const need = (name) => {
  const value = process.env[name];
  assert.ok(value, `set ${name}`);
  return value;
};

/** Without a slash at the end. */
export const url = need('CLIENT_GATEWAY_URL');
/** May use the model, but not the other one. */
export const key = need('CLIENT_KEY');
/** Its budget is spent. */
export const spentKey = need('CLIENT_SPENT_KEY');
/** Has one request in a minute. */
export const hastyKey = need('CLIENT_HASTY_KEY');
/** May have one request open. */
export const singleKey = need('CLIENT_SINGLE_KEY');
export const wrongKey = `${key.slice(0, -1)}${key.endsWith('0') ? '1' : '0'}`;
export const model = need('CLIENT_MODEL');
export const otherModel = need('CLIENT_OTHER_MODEL');
/** What the model says. */
export const text = need('CLIENT_EXPECTED_TEXT');

export const question = 'Why is the sky blue?';
export const messages = [{ role: 'user', content: question }];
/** One red pixel. */
export const png =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';
/** The parameters of the tool that the model calls, with the arguments that it gives. */
export const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
export const toolArguments = { city: 'Paris' };

export async function check(name, steps) {
  try {
    await steps();
  } catch (error) {
    console.log(`failed ${name}: ${error.stack}`);
    process.exit(1);
  }
  console.log(`ok ${name}`);
}

/** Checks several calls at once, which takes no longer than the slowest. */
export const checkEach = (name, calls, steps) =>
  Promise.all(Object.entries(calls).map(([what, call]) => check(`${name} ${what}`, () => steps(call))));

/** The error that the call ends with. */
export async function errorOf(call) {
  try {
    await call();
  } catch (error) {
    return error;
  }
  throw new assert.AssertionError({ message: 'the call succeeded' });
}

/** What came, and over how many milliseconds it came. */
export async function collect(stream, textOf) {
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

/** A buffered answer would come all at once; the mock takes some 20 ms for each token. */
export function assertIncremental({ chunks, spread }) {
  assert.ok(chunks.length >= 5, `${chunks.length} chunks`);
  assert.ok(spread > 60, `${chunks.length} chunks within ${spread} ms`);
}

/** That the call, made while the key's only place is taken, waits for as long as Retry-After says and then succeeds. */
export async function assertRetriesAsTold(takePlace, call) {
  const place = await takePlace();
  // Its answer takes far less than the second that is told, and more than the clients' own first wait would be.
  const rest = collect(place, () => '');
  const start = performance.now();
  await call();
  const took = performance.now() - start;
  await rest;
  assert.ok(took > 950, `came again after ${took} ms`);
}
