-- Applies one batch: states, timers, outbox, offsets and clock, or nothing.
-- KEYS: meta, state, due, outbox, histogram
-- ARGV: epoch, sequence, clock, then six counted lists:
--   fields of meta such as offsets (field, value), states (id, state), armed (instant, id),
--   disarmed (id), outbox entries (topic, key, value, headers), histogram increments (field, number).
-- A script does not roll back, so everything is checked before the first write.
local meta = redis.call('HMGET', KEYS[1], 'epoch', 'sequence')
if meta[1] ~= ARGV[1] then return {'FENCED', meta[1] or ''} end
local sequence = tonumber(meta[2] or '0')
local expected = tonumber(ARGV[2])
if sequence == expected + 1 then return {'DONE'} end
if sequence ~= expected then return {'LOST', tostring(sequence)} end

local CHUNK = 4000 -- unpack fails near 8000 values
local at = 4

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

local number = tonumber(redis.call('HGET', KEYS[1], 'outbox') or '0')
each_chunk(4, function(from, to)
  for i = from, to, 4 do
    number = number + 1
    redis.call('XADD', KEYS[4], number .. '-0',
      't', ARGV[i], 'k', ARGV[i + 1], 'v', ARGV[i + 2], 'h', ARGV[i + 3])
  end
end)
each_chunk(2, function(from, to)
  for i = from, to, 2 do
    if redis.call('HINCRBY', KEYS[5], ARGV[i], ARGV[i + 1]) == 0 then
      redis.call('HDEL', KEYS[5], ARGV[i])
    end
  end
end)
redis.call('HSET', KEYS[1], 'sequence', expected + 1, 'clock', ARGV[3], 'outbox', number)
return {'OK'}
