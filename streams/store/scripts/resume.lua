-- Goes on behind what is published. Where that is more than the outbox ever held, Redis went back:
-- the outbox is lifted, so that a number is given once, and what is said again is compared.
-- ARGV: owner, number up to which all is published, and the number behind which the topics may hold
-- what will be said again, or nothing
if not is_owner() then return fenced() end
local damaged = damage()
if damaged then return damaged end
local meta = redis.call('HMGET', KEYS[1], 'published', 'outbox')
redis.call('HSET', KEYS[1],
  'published', math.max(tonumber(meta[1]), tonumber(ARGV[2])),
  'outbox', math.max(tonumber(meta[2]), tonumber(ARGV[2])))
redis.call('XTRIM', KEYS[4], 'MINID', string.format('%d-0', tonumber(ARGV[2]) + 1))
seal()
if ARGV[3] == '' then
  redis.call('HDEL', KEYS[1], 'compared_after')
else
  redis.call('HSET', KEYS[1], 'compared_after', ARGV[3])
end
return {'OK'}
