-- Failed authentications of one source: a list of the instants of the last ones, youngest first, that expires by itself.
-- Absent means none: losing it forgives failures, it opens no door.
--
-- KEYS[1]: the list. ARGV: failures allowed per window, window in milliseconds, 1 to record one more or 0 to ask.
-- Answers milliseconds for which the source is barred; 0 if it is not.
local allowed, span = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
if ARGV[3] == '1' then
  redis.call('LPUSH', KEYS[1], string.format('%d', now))
  redis.call('LTRIM', KEYS[1], 0, allowed - 1)
  redis.call('PEXPIRE', KEYS[1], span)
end
-- With as many failures as allowed inside the window, the oldest of them says when there is room again.
local oldest = redis.call('LINDEX', KEYS[1], allowed - 1)
if not oldest then
  return {0}
end
return {math.max(0, math.min(span, tonumber(oldest) + span - now))}
