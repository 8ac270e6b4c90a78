-- Builds a tenant's state anew from the ledger's snapshot of a new epoch.
--
-- ARGV: identity that asked, epoch, slot length in milliseconds, slots per window, number of open requests, of charges, of
--       admissions; then the open requests as request id, key id, tokens; then charges and admissions as key id, age in whole
--       slots, count, oldest first.
-- Answers DONE, MOVED (another process or history meanwhile) or STALE (this epoch or a later one is here already).
local epoch = tonumber(ARGV[2])
local slotMillis, slots = tonumber(ARGV[3]), tonumber(ARGV[4])

if identity() ~= ARGV[1] then
  return {'MOVED'}
end
if tonumber(redis.call('HGET', state, 'epoch') or '0') >= epoch then
  return {'STALE'}
end

local now = clock(0)
local slot = math.floor(now / slotMillis)
redis.call('DEL', state, open)

local position = 7
local function take()
  position = position + 1
  return ARGV[position]
end

local count, reserved, reservedOf, openOf = tonumber(ARGV[5]), 0, {}, {}
for _ = 1, count do
  local request, key, tokens = take(), take(), tonumber(take())
  redis.call('HSET', open, request, key .. '|' .. whole(tokens) .. '|0')
  reserved = reserved + tokens
  reservedOf[key] = (reservedOf[key] or 0) + tokens
  openOf[key] = (openOf[key] or 0) + 1
end
for key, tokens in pairs(reservedOf) do
  redis.call('HSET', state, 'o:' .. key, whole(tokens), 'c:' .. key, whole(openOf[key]))
end

for _, kind in ipairs({{'t:', tonumber(ARGV[6])}, {'q:', tonumber(ARGV[7])}}) do
  local windows = {T = {entries = {}, sum = 0}}
  for _ = 1, kind[2] do
    local key, age, number = take(), tonumber(take()), tonumber(take())
    -- Towards younger, which is towards denying; but never into a slot that is still to come.
    local of = math.min(slot - age + 1, slot)
    windows[key] = windows[key] or {entries = {}, sum = 0}
    add(windows.T, of, number)
    add(windows[key], of, number)
  end
  for id, counted in pairs(windows) do
    redis.call('HSET', state, kind[1] .. id, text(counted))
  end
end

redis.call('HSET', state, 'o:T', whole(reserved), 'n', whole(count), 'last', whole(now), 'epoch', whole(epoch),
  'identity', ARGV[1])
return {'DONE'}
