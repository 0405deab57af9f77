-- Makes an owner: only where nothing is missing, under an epoch and a token that nobody else has.
-- ARGV: layout, token, the name of a generation that begins here, and of the partitioner in use.
local refused = unclaimable(ARGV[1], ARGV[4])
if refused then return refused end
if redis.call('EXISTS', KEYS[1]) == 0 then
  redis.call('HSET', KEYS[1], 'layout', ARGV[1], 'generation', ARGV[3],
    'sequence', 0, 'outbox', 0, 'published', 0, 'counts', counts())
end
local epoch = redis.call('HINCRBY', KEYS[1], 'epoch', 1)
redis.call('HSET', KEYS[1], 'owner', epoch .. '-' .. ARGV[2], 'partitioner', ARGV[4])
return {'OK', redis.call('HGETALL', KEYS[1]), redis.call('HGETALL', KEYS[8])}
