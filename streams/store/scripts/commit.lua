-- Applies one batch: states, timers, outbox, offsets and clock, or nothing.
-- ARGV: owner, sequence, id, clock, then seven counted lists:
--   fields of meta such as offsets (field, value), states (id, state), armed (instant, id),
--   disarmed (id), packed outbox (number of messages, messages), histogram increments (field, number),
--   parts of the gate (field, value).
local refused = refusal()
if refused then return refused end

local CHUNK = 4000 -- unpack fails near 8000 values
local at = 5

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

local number = tonumber(redis.call('HGET', KEYS[1], 'outbox'))
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
redis.call('HSET', KEYS[1], 'sequence', tonumber(ARGV[2]) + 1, 'commit', ARGV[3],
  'clock', ARGV[4], 'outbox', number, 'counts', counts())
return {'OK'}
