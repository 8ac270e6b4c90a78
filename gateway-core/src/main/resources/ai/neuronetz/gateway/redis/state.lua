-- What admit, settle and rebuild share; put in front of each of them.
--
-- KEYS[1], a hash: the tenant's state.
--   identity   run_id:master_replid of the process and history that built this state
--   epoch      number under which the ledger admits
--   last       youngest instant used, milliseconds; time never runs backwards
--   n          open requests
--   c:<key>    open requests of a key; absent means none, then o:<key> is absent too
--   o:T o:<key>  tokens reserved by open requests, of the tenant and of a key
--   q:T q:<key>  window of admitted requests; decreased only for one that the ledger then refused
--   t:T t:<key>  window of charged tokens
-- KEYS[2], a hash: request id -> key|tokens|slot of its admission, one field per open request. Its length must equal n, else the state is torn.
--
-- A window is one text, 'slot=count;slot=count;', oldest slot first. It reaches over the current slot and `slots` whole
-- ones before it, so the oldest instant of any full window is always inside.
local state, open = KEYS[1], KEYS[2]

-- Asked inside the script, so that answer and decision belong to the same process and the same history: run_id changes
-- with every start, master_replid with every promotion.
local function identity()
  local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
  local history = string.match(redis.call('INFO', 'replication'), 'master_replid:(%w+)')
  return run .. ':' .. history
end

local function clock(last)
  local time = redis.call('TIME')
  return math.max(tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000), last)
end

-- Lua prints large numbers with an exponent; all of ours are whole and below 2^53.
local function whole(number)
  return string.format('%d', number)
end

-- Slots younger than the clock are counted: they can only come from a clock that was set back.
local function window(text, oldest)
  local entries, sum = {}, 0
  for slot, count in string.gmatch(text or '', '(%d+)=(%d+);') do
    slot, count = tonumber(slot), tonumber(count)
    if slot >= oldest then
      entries[#entries + 1] = {slot, count}
      sum = sum + count
    end
  end
  return {entries = entries, sum = sum}
end

local function add(to, slot, count)
  local newest = to.entries[#to.entries]
  if newest and newest[1] >= slot then
    newest[2] = newest[2] + count
  else
    to.entries[#to.entries + 1] = {slot, count}
  end
  to.sum = to.sum + count
end

local function text(of)
  local parts = {}
  for i, entry in ipairs(of.entries) do
    parts[i] = string.format('%d=%d;', entry[1], entry[2])
  end
  return table.concat(parts)
end

