-- Replaces what a request reserved with what it was charged. Only an open request changes anything.
-- KEYS as in admit. ARGV: 1 request id, 2 charged, or -1 to take it back as if it had never been asked, 3 window in ms,
--       4 slots in it.
local s, open = KEYS[1], KEYS[2]
local entry = redis.call('HGET', open, ARGV[1])
if not entry then return 0 end
local kid, tokens, asked = string.match(entry, '^(.*)|(%d+)|(%d+)$')
tokens = tonumber(tokens)
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local last = tonumber(redis.call('HGET', s, 'last') or '0')
if now < last then now = last end
local charged = tonumber(ARGV[2])
local slot = math.floor(now / (tonumber(ARGV[3]) / tonumber(ARGV[4])))
redis.call('HDEL', open, ARGV[1])
redis.call('HINCRBY', s, 'open', -1)
redis.call('HINCRBY', s, 'c:' .. kid, -1)
for _, id in ipairs({'T', kid}) do
  redis.call('HINCRBY', s, 'o:' .. id, -tokens)
  -- It enters the slot of its settlement: the sum never rises but at admission.
  if charged < 0 then
    local field = 'q:' .. id .. ':' .. asked
    if tonumber(redis.call('HGET', s, field) or '0') > 0 then redis.call('HINCRBY', s, field, -1) end
  end
  if charged > 0 then redis.call('HINCRBY', s, 't:' .. id .. ':' .. slot, string.format('%d', charged)) end
end
return 1
