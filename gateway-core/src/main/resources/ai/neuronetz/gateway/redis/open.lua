-- Requests that have been open for a while, a part at a time.
--
-- ARGV: cursor, '0' at first; slot length in milliseconds; age in whole slots. Answers the next cursor, '0' at the end, and
-- request ids.
local last = redis.call('HGET', state, 'last')
local slot = math.floor(clock(tonumber(last or '0')) / tonumber(ARGV[2]))
local part = redis.call('HSCAN', open, ARGV[1], 'COUNT', 500)
local answer = {part[1]}
for i = 1, #part[2], 2 do
  local asked = string.match(part[2][i + 1], '|(%d+)$')
  -- What cannot be read is as old as can be: the ledger knows better.
  if slot - tonumber(asked or '0') >= tonumber(ARGV[3]) then
    answer[#answer + 1] = part[2][i]
  end
end
return answer
