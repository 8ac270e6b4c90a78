-- Replaces what a request reserved with what it was charged, in the slot of now. Only an open request changes anything, so
-- that saying it twice is saying it once.
--
-- ARGV: request id, charged tokens or -1 for one that was not admitted after all, slot length in milliseconds, slots per window. Answers DONE | NONE.
local request, charged = ARGV[1], tonumber(ARGV[2])
local slotMillis, slots = tonumber(ARGV[3]), tonumber(ARGV[4])

local entry = redis.call('HGET', open, request)
local last = redis.call('HGET', state, 'last')
-- Without the state there is nothing to settle against; writing would only make a torn state look less torn.
if not entry or not last then
  return {'NONE'}
end
local key, tokens, asked = string.match(entry, '^(.*)|(%d+)|(%d+)$')
local now = clock(tonumber(last))
local slot = math.floor(now / slotMillis)

redis.call('HDEL', open, request)
redis.call('HINCRBY', state, 'n', -1)
redis.call('HINCRBY', state, 'o:T', '-' .. tokens)
redis.call('HINCRBY', state, 'o:' .. key, '-' .. tokens)
if redis.call('HINCRBY', state, 'c:' .. key, -1) == 0 then
  redis.call('HDEL', state, 'c:' .. key, 'o:' .. key)
end
if charged < 0 then
  -- It was never admitted, so it is no request of this minute either.
  for _, field in ipairs({'q:T', 'q:' .. key}) do
    local requests = window(redis.call('HGET', state, field), slot - slots)
    for _, entered in ipairs(requests.entries) do
      if entered[1] == tonumber(asked) and entered[2] > 0 then entered[2] = entered[2] - 1 end
    end
    redis.call('HSET', state, field, text(requests))
  end
end
if charged > 0 then
  for _, field in ipairs({'t:T', 't:' .. key}) do
    local charges = window(redis.call('HGET', state, field), slot - slots)
    add(charges, slot, charged)
    redis.call('HSET', state, field, text(charges))
  end
end
-- Also after a charge of nothing: no later script may run at an earlier instant than this one.
redis.call('HSET', state, 'last', whole(now))

-- Windows of keys that fell silent. A request adds two fields at most and eight are looked at, so at most about a quarter
-- of the hash is stale.
for _, field in ipairs(redis.call('HRANDFIELD', state, -8)) do
  if string.match(field, '^[qt]:..') then
    local newest = string.match(redis.call('HGET', state, field) or '', '(%d+)=%d+;$')
    if not newest or tonumber(newest) < slot - slots then
      redis.call('HDEL', state, field)
    end
  end
end
return {'DONE'}
