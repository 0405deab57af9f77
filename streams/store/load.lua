-- Reads the states of the given customers, and of those whose review is due, in one round trip.
-- KEYS: state, due   ARGV: until, limit, id ...
local CHUNK = 4000

local function states(ids, first)
  local found = {}
  for from = first, #ids, CHUNK do
    local part = redis.call('HMGET', KEYS[1], unpack(ids, from, math.min(from + CHUNK - 1, #ids)))
    for i = 1, #part do found[#found + 1] = part[i] end
  end
  return found
end

local due = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', ARGV[1], 'WITHSCORES', 'LIMIT', 0, ARGV[2])
local ids, at = {}, {}
for i = 1, #due, 2 do
  ids[#ids + 1] = due[i]
  at[#at + 1] = due[i + 1]
end
return {states(ARGV, 3), ids, states(ids, 1), at}
