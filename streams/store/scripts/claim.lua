-- Makes an owner: only where nothing is missing, under an epoch and a token that nobody else has.
-- ARGV: layout, token, the name of a generation that begins here, and of the partitioner in use.
local meta = redis.call('HMGET', KEYS[1], 'layout', 'counts', 'partitioner')
local found = counts()
if redis.call('EXISTS', KEYS[1]) == 0 then
  if found ~= '0 0 0 0 0 0' then return {'DAMAGED', '', found} end
  redis.call('HSET', KEYS[1], 'layout', ARGV[1], 'generation', ARGV[3],
    'sequence', 0, 'outbox', 0, 'published', 0, 'counts', found)
elseif meta[1] ~= ARGV[1] then
  return {'LAYOUT', meta[1] or ''}
elseif meta[2] ~= found then
  return {'DAMAGED', meta[2] or '', found}
elseif meta[3] and meta[3] ~= ARGV[4] then
  return {'PARTITIONER', meta[3]}
end
local epoch = redis.call('HINCRBY', KEYS[1], 'epoch', 1)
redis.call('HSET', KEYS[1], 'owner', epoch .. '-' .. ARGV[2], 'partitioner', ARGV[4])
return {'OK', redis.call('HGETALL', KEYS[1])}
