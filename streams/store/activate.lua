-- Brings other parameters into force: notes them, and makes every customer due to be judged anew.
-- KEYS: meta, state, due, activations
-- ARGV: epoch, sequence, clock, version, basis, the line to keep
-- A script does not roll back, so everything is checked before the first write.
local meta = redis.call('HMGET', KEYS[1], 'epoch', 'sequence')
if meta[1] ~= ARGV[1] then return {'FENCED', meta[1] or ''} end
local sequence = tonumber(meta[2] or '0')
local expected = tonumber(ARGV[2])
if sequence == expected + 1 then return {'DONE'} end
if sequence ~= expected then return {'LOST', tostring(sequence)} end

local CHUNK = 3500 -- customers, two values each: unpack fails near 8000
local ids = redis.call('HKEYS', KEYS[2])
for first = 1, #ids, CHUNK do
  local due = {}
  for i = first, math.min(first + CHUNK - 1, #ids) do
    due[#due + 1] = ARGV[3]
    due[#due + 1] = ids[i]
  end
  redis.call('ZADD', KEYS[3], 'LT', unpack(due))
end

redis.call('RPUSH', KEYS[4], ARGV[6])
redis.call('HSET', KEYS[1], 'sequence', expected + 1,
  'parameters', ARGV[4], 'basis', ARGV[5], 'activated', ARGV[3])
return {'OK'}
