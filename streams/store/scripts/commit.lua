-- Applies one batch: states, timers, outbox, offsets and clock, or nothing.
-- ARGV: owner, sequence, id, clock, share and least of the brake's budget, then eight counted lists:
--   fields of meta such as offsets (field, value), states (id, state), armed (instant, id),
--   disarmed (id), packed outbox (number of messages, messages), histogram increments (field, number),
--   parts of the gate (field, value), rises of warnings (hour of event time, number).
local refused = refusal()
if refused then return refused end

local CHUNK = 4000 -- unpack fails near 8000 values
local at = 7

local function each_chunk(width, call)
  local count = tonumber(ARGV[at]) * width
  local first, last = at + 1, at + count
  at = last + 1
  while first <= last do
    local to = math.min(first + CHUNK - 1, last)
    call(first, to)
    first = to + 1
  end
end

each_chunk(2, function(from, to) redis.call('HSET', KEYS[1], unpack(ARGV, from, to)) end)
each_chunk(2, function(from, to) redis.call('HSET', KEYS[2], unpack(ARGV, from, to)) end)
each_chunk(2, function(from, to) redis.call('ZADD', KEYS[3], unpack(ARGV, from, to)) end)
each_chunk(1, function(from, to) redis.call('ZREM', KEYS[3], unpack(ARGV, from, to)) end)

local before = redis.call('HMGET', KEYS[1], 'outbox', 'clock', 'rises', 'held_after')
local number = tonumber(before[1])
each_chunk(2, function(from, to)
  for i = from, to, 2 do
    number = number + tonumber(ARGV[i])
    redis.call('XADD', KEYS[4], number .. '-0', 'm', ARGV[i + 1])
  end
end)
each_chunk(2, function(from, to)
  for i = from, to, 2 do
    if redis.call('HINCRBY', KEYS[5], ARGV[i], ARGV[i + 1]) == 0 then
      redis.call('HDEL', KEYS[5], ARGV[i])
    end
  end
end)
each_chunk(2, function(from, to) redis.call('HSET', KEYS[8], unpack(ARGV, from, to)) end)

-- The brake: the commit with which an hour has more rises than the budget, and all behind it, are
-- not published until they are released. The hours of a clock that was set back count anew.
local KEPT = 24 -- hours before a commit's first rise: timers are fired by slices, not by time alone
local share, least = tonumber(ARGV[5]), tonumber(ARGV[6])
local budget = share > 0 and math.max(least, share * redis.call('HLEN', KEYS[2])) or math.huge
local counted, first, rises, over = {}, math.huge, 0, nil
if tonumber(ARGV[4]) < tonumber(before[2] or 0) then
  redis.call('HDEL', KEYS[1], 'rises')
else
  for hour, count in string.gmatch(before[3] or '', '(%d+):(%w+)') do counted[hour] = count end
end
each_chunk(2, function(from, to)
  for i = from, to, 2 do
    local hour, more = ARGV[i], tonumber(ARGV[i + 1])
    first, rises = math.min(first, tonumber(hour)), rises + more
    if counted[hour] ~= 'free' then
      counted[hour] = tonumber(counted[hour] or 0) + more
      if counted[hour] > budget then over = over or hour end
    end
  end
end)
if rises > 0 then
  local kept = {}
  for hour, count in pairs(counted) do
    if tonumber(hour) >= first - KEPT then kept[#kept + 1] = hour .. ':' .. count end
  end
  redis.call('HSET', KEYS[1], 'rises', table.concat(kept, ' '))
  if over and not before[4] then
    redis.call('HSET', KEYS[1], 'held_after', before[1], 'held_hour', over)
  end
  if over or before[4] then redis.call('HINCRBY', KEYS[1], 'held_rises', rises) end
end

redis.call('HSET', KEYS[1], 'sequence', tonumber(ARGV[2]) + 1, 'commit', ARGV[3],
  'clock', ARGV[4], 'outbox', number, 'counts', counts())
return {'OK'}
