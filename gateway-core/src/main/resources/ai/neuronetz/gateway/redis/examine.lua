-- What an operator should know of this Redis, and whether each command of the other scripts is permitted: they are run on a key that
-- no tenant can have, which is gone afterwards. KEYS[1]: that key.
local key = KEYS[1]
local denied = {}
local function try(...)
    local answer = redis.pcall(...)
    if type(answer) == 'table' and answer.err then
        denied[#denied + 1] = (...)  .. ' ' .. string.match(answer.err, '^%S*')
    end
end
try('HSET', key, 'a', '1', 'b', '1')
try('HGET', key, 'a')
try('HMGET', key, 'a', 'b')
try('HINCRBY', key, 'a', 1)
try('HEXISTS', key, 'a')
try('HLEN', key)
try('HSCAN', key, '0')
try('HRANDFIELD', key)
try('HDEL', key, 'a')
try('PEXPIRE', key, 1000)
try('DEL', key)
try('LPUSH', key, '1')
try('LINDEX', key, 0)
try('LTRIM', key, 0, 0)
try('DEL', key)
local time = redis.call('TIME')
local info = redis.call('INFO')
local function field(name)
    return string.match(info, '\n' .. name .. ':([^\r\n]*)') or ''
end
return {field('redis_version'), field('run_id'), field('role'), field('maxmemory'), field('maxmemory_policy'), time[1], time[2],
    table.concat(denied, ', ')}
