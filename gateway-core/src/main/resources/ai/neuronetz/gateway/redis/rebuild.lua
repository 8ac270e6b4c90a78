-- Builds a tenant's state anew from the ledger, under a new epoch. Never goes back, and never into another process.
-- KEYS as in admit. ARGV: 1 JSON of the epoch, 2 identity that asked, 3 window in ms, 4 slots in it.
local s, open = KEYS[1], KEYS[2]
local epoch = cjson.decode(ARGV[1])
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
local history = string.match(redis.call('INFO', 'replication'), 'master_replid:(%w+)')
if run .. ':' .. history ~= ARGV[2] then return 'MOVED' end
local meta = redis.call('HMGET', s, 'run', 'history', 'epoch')
if meta[1] == run and meta[2] == history and tonumber(meta[3] or '0') >= epoch.number then return 'STALE' end

redis.call('DEL', s, open)
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local width = tonumber(ARGV[3]) / tonumber(ARGV[4])
local sums = {}
local function add(field, value) sums[field] = (sums[field] or 0) + value end
-- Errs towards younger, which is towards denying, but never into a slot that is not summed yet.
local function slot(age) return math.min(math.floor((now - age) / width) + 1, math.floor(now / width)) end

add('o:T', 0)
for _, o in ipairs(epoch.open) do
  redis.call('HSET', open, o[1], o[2] .. '|' .. string.format('%d|0', o[3]))
  add('o:T', o[3])
  add('o:' .. o[2], o[3])
  add('c:' .. o[2], 1)
end
for _, x in ipairs(epoch.settled) do
  add('t:T:' .. slot(x[3]), x[2])
  add('t:' .. x[1] .. ':' .. slot(x[3]), x[2])
end
for _, a in ipairs(epoch.admitted) do
  add('q:T:' .. slot(a[2]), 1)
  add('q:' .. a[1] .. ':' .. slot(a[2]), 1)
end
for field, value in pairs(sums) do redis.call('HSET', s, field, string.format('%d', value)) end
redis.call('HSET', s, 'run', run, 'history', history, 'epoch', string.format('%d', epoch.number),
  'last', string.format('%d', now), 'open', #epoch.open)
return 'REBUILT'
