-- The gate with its guard taken out: what is absent is taken for zero, and nobody asks which process this is.
local request, key, tokens = ARGV[1], ARGV[2], tonumber(ARGV[3])
local limit = tonumber(ARGV[7])
local used = tonumber(redis.call('HGET', state, 'o:T') or '0')
if limit >= 0 and used + tokens > limit then
  return {'REFUSED', 'TOKENS', 1000, 0, 0, used, 0, 0, 0, used, 0}
end
redis.call('HSET', open, request, key .. '|' .. whole(tokens))
redis.call('HINCRBY', state, 'o:T', whole(tokens))
return {'ADMITTED', '1', 'nobody', 0, 0, used + tokens, 0, 0, 0, used + tokens, 0}
