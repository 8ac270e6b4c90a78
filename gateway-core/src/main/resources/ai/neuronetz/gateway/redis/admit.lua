-- Takes a place and tokens for one request, or says why not; a refusal writes nothing.
--
-- ARGV: request id, key id, tokens, slot length in milliseconds, slots per window,
--       then per minute requests, tokens and concurrency of the tenant, and the same of the key; -1 where not limited.
-- Answers UNKNOWN identity | ADMITTED epoch identity status | REFUSED limit wait status,
--   wait: milliseconds until the request could pass, -1 if it never could;
--   status: requests, milliseconds until none is left, tokens, the same; of the tenant, then of the key.
local request, key, tokens = ARGV[1], ARGV[2], tonumber(ARGV[3])
local slotMillis, slots = tonumber(ARGV[4]), tonumber(ARGV[5])

local here = identity()
local have = redis.call('HMGET', state, 'identity', 'epoch', 'last', 'n', 'o:T', 'q:T', 't:T',
  'c:' .. key, 'o:' .. key, 'q:' .. key, 't:' .. key)
local known = have[1] == here and have[2] and have[3] and have[4] and have[5] and have[6] and have[7]
  and (not have[8]) == (not have[9])
  and redis.call('HLEN', open) == tonumber(have[4])
if not known then
  return {'UNKNOWN', here}
end

local now = clock(tonumber(have[3]))
local slot = math.floor(now / slotMillis)

local function party(first, limits)
  return {
    open = tonumber(have[first] or '0'),
    reserved = tonumber(have[first + 1] or '0'),
    requests = window(have[first + 2], slot - slots),
    tokens = window(have[first + 3], slot - slots),
    requestLimit = tonumber(ARGV[limits]),
    tokenLimit = tonumber(ARGV[limits + 1]),
    concurrency = tonumber(ARGV[limits + 2])
  }
end
local tenant, caller = party(4, 6), party(8, 9)

local function leaves(entrySlot)
  return (entrySlot + slots + 1) * slotMillis - now
end

-- Milliseconds until `excess` has left the window, oldest slots first; nil if it does not hold so much.
local function drained(from, excess)
  for _, entry in ipairs(from.entries) do
    excess = excess - entry[2]
    if excess <= 0 then
      return leaves(entry[1])
    end
  end
  return nil
end

local function answer(...)
  local reply = {...}
  for _, p in ipairs({tenant, caller}) do
    for _, part in ipairs({{p.requests, 0}, {p.tokens, p.reserved}}) do
      local newest = part[1].entries[#part[1].entries]
      local reset = 0
      -- What is reserved will be charged in a slot that has not begun to age.
      if part[2] > 0 then reset = leaves(slot) elseif newest then reset = leaves(newest[1]) end
      reply[#reply + 1] = part[1].sum + part[2]
      reply[#reply + 1] = reset
    end
  end
  return reply
end

if redis.call('HEXISTS', open, request) == 1 then
  return answer('ADMITTED', have[2], here)
end

-- Where several limits are met, the one that holds longest is told, so that waiting that long is enough.
local limit, wait = nil, 0
local function refuse(which, millis)
  if wait ~= -1 and (millis == -1 or millis > wait) then
    limit, wait = which, millis
  end
end
for _, p in ipairs({tenant, caller}) do
  if p.concurrency >= 0 and p.open >= p.concurrency then
    refuse('CONCURRENCY', p.concurrency == 0 and -1 or 1000)
  end
  local requests = p.requests.sum + 1 - p.requestLimit
  if p.requestLimit >= 0 and requests > 0 then
    refuse('REQUESTS', p.requestLimit == 0 and -1 or drained(p.requests, requests))
  end
  local excess = p.tokens.sum + p.reserved + tokens - p.tokenLimit
  if p.tokenLimit >= 0 and excess > 0 then
    -- When open requests alone are in the way, nobody knows when they end.
    refuse('TOKENS', tokens > p.tokenLimit and -1 or drained(p.tokens, excess) or 1000)
  end
end
if limit then
  return answer('REFUSED', limit, wait)
end

redis.call('HSET', open, request, key .. '|' .. whole(tokens) .. '|' .. whole(slot))
redis.call('HINCRBY', state, 'n', 1)
redis.call('HINCRBY', state, 'c:' .. key, 1)
redis.call('HINCRBY', state, 'o:T', whole(tokens))
redis.call('HINCRBY', state, 'o:' .. key, whole(tokens))
add(tenant.requests, slot, 1)
add(caller.requests, slot, 1)
redis.call('HSET', state, 'last', whole(now), 'q:T', text(tenant.requests), 'q:' .. key, text(caller.requests))
tenant.reserved = tenant.reserved + tokens
caller.reserved = caller.reserved + tokens
return answer('ADMITTED', have[2], here)
