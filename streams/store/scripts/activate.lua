-- Brings other parameters into force: notes them, and makes every customer due to be judged anew.
-- ARGV: owner, sequence, id, clock, version, basis, the line to keep
local refused = refusal()
if refused then return refused end

local CHUNK = 3500 -- customers, two values each: unpack fails near 8000
local ids = redis.call('HKEYS', KEYS[2])
for first = 1, #ids, CHUNK do
  local due = {}
  for i = first, math.min(first + CHUNK - 1, #ids) do
    due[#due + 1] = ARGV[4]
    due[#due + 1] = ids[i]
  end
  redis.call('ZADD', KEYS[3], 'LT', unpack(due))
end

redis.call('RPUSH', KEYS[6], ARGV[7])
redis.call('HSET', KEYS[1], 'sequence', tonumber(ARGV[2]) + 1, 'commit', ARGV[3],
  'parameters', ARGV[5], 'basis', ARGV[6], 'activated', ARGV[4], 'counts', counts())
return {'OK'}
