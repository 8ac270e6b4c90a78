-- Counts a failed authentication, or reads the count. A token bucket: "full" is when all failures will be forgotten.
-- KEYS: 1 the source's bucket. ARGV: 1 failures per minute, 2 "1" to count one. Returns for how many ms it is barred.
-- Absence means that no failure is remembered; losing it only forgets failures, and admits nobody.
local each = 60000 / tonumber(ARGV[1])
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local full = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
if ARGV[2] == '1' then
  full = full + each
  redis.call('SET', KEYS[1], string.format('%d', math.ceil(full)), 'PX', string.format('%d', math.ceil(full - now) + 1000))
end
return math.max(0, math.ceil(full - now - 60000 + each))
