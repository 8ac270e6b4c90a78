-- Admits a request or says which limit it meets, in one atomic step.
-- KEYS: 1 the tenant's state, 2 its open requests (request id -> key id|tokens|slot).
-- ARGV: 1 request id, 2 key id, 3 tokens, limits of key and tenant (-1: none): 4 5 requests, 6 7 tokens, 8 9 concurrency,
--       10 window in ms, 11 slots in it.
-- Absent or torn state, or state of another process or history, is unknown and never zero.
local s, open = KEYS[1], KEYS[2]
local rid, kid, tokens = ARGV[1], ARGV[2], tonumber(ARGV[3])
local requests = {tonumber(ARGV[5]), tonumber(ARGV[4])}
local budget = {tonumber(ARGV[7]), tonumber(ARGV[6])}
local concurrency = {tonumber(ARGV[9]), tonumber(ARGV[8])}
local window, slots = tonumber(ARGV[10]), tonumber(ARGV[11])
local width = window / slots

local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
local history = string.match(redis.call('INFO', 'replication'), 'master_replid:(%w+)')
local meta = redis.call('HMGET', s, 'run', 'history', 'epoch', 'last', 'open')
if meta[1] ~= run or meta[2] ~= history or not meta[3] or not meta[4] or not meta[5] then
  return {'UNKNOWN', run .. ':' .. history}
end
if redis.call('HLEN', open) ~= tonumber(meta[5]) then
  return {'UNKNOWN', run .. ':' .. history}
end

-- A clock that was set back must not open the window again.
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local last = tonumber(meta[4])
if now < last then now = last end
local current = math.floor(now / width)

-- The oldest slot is counted whole, so that no window of any alignment is exceeded.
local function used(prefix)
  local fields = {}
  for i = current - slots, current do fields[#fields + 1] = prefix .. i end
  local values, sum = redis.call('HMGET', s, unpack(fields)), 0
  for i = 1, #values do
    values[i] = tonumber(values[i] or '0')
    sum = sum + values[i]
  end
  return values, sum
end

-- Until so much has left the window that "excess" is gone.
local function drained(values, excess)
  for i = 1, #values do
    excess = excess - values[i]
    if excess <= 0 then return math.ceil((current - slots + i) * width + window - now) end
  end
  return -1
end

local ids = {'T', kid}
local requestsUsed, tokensUsed = {-1, -1}, {-1, -1}
local function reply(verdict, limit, wait)
  return {verdict, tonumber(meta[3]), limit, wait, requestsUsed[1], requestsUsed[2], tokensUsed[1], tokensUsed[2],
    run .. ':' .. history}
end

if redis.call('HEXISTS', open, rid) == 1 then return reply('ADMITTED', '', 0) end

local refusal
for i = 1, 2 do
  local id = ids[i]
  if requests[i] >= 0 then
    local values, sum = used('q:' .. id .. ':')
    requestsUsed[i] = sum
    if not refusal and sum + 1 > requests[i] then
      refusal = {'REQUESTS', requests[i] < 1 and -1 or drained(values, sum + 1 - requests[i])}
    end
  end
  if budget[i] >= 0 then
    local values, sum = used('t:' .. id .. ':')
    local reserved = tonumber(redis.call('HGET', s, 'o:' .. id) or '0')
    tokensUsed[i] = sum + reserved
    if not refusal and sum + reserved + tokens > budget[i] then
      if tokens > budget[i] then
        refusal = {'TOKENS', -1}
      else
        local wait = drained(values, sum + reserved + tokens - budget[i])
        refusal = {'TOKENS', wait < 0 and 1000 or wait}
      end
    end
  end
  if concurrency[i] >= 0 and not refusal then
    local count = i == 1 and tonumber(meta[5]) or tonumber(redis.call('HGET', s, 'c:' .. kid) or '0')
    if count >= concurrency[i] then refusal = {'CONCURRENCY', 1000} end
  end
end
if refusal then return reply('REFUSED', refusal[1], refusal[2]) end

redis.call('HSET', open, rid, kid .. '|' .. string.format('%d|%d', tokens, current))
redis.call('HINCRBY', s, 'open', 1)
redis.call('HINCRBY', s, 'c:' .. kid, 1)
for i = 1, 2 do
  local id = ids[i]
  redis.call('HINCRBY', s, 'o:' .. id, tokens)
  redis.call('HINCRBY', s, 'q:' .. id .. ':' .. current, 1)
  if requestsUsed[i] >= 0 then requestsUsed[i] = requestsUsed[i] + 1 end
  if tokensUsed[i] >= 0 then tokensUsed[i] = tokensUsed[i] + tokens end
end
-- Slots that have left the window are removed once per slot, by the first request in it.
if math.floor(last / width) < current then
  local old = {}
  for i = 1, 2 do
    for slot = current - 2 * slots, current - slots - 1 do
      old[#old + 1] = 'q:' .. ids[i] .. ':' .. slot
      old[#old + 1] = 't:' .. ids[i] .. ':' .. slot
    end
  end
  redis.call('HDEL', s, unpack(old))
end
redis.call('HSET', s, 'last', string.format('%d', now))
return reply('ADMITTED', '', 0)
