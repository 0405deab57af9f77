-- Forgets what is published of the outbox. Where the topics have more than the outbox ever held,
-- Redis went back: the outbox is lifted, so that a number is given once.
-- ARGV: owner, number up to which all is published
if not is_owner() then return fenced() end
local upto = tonumber(ARGV[2])
local meta = redis.call('HMGET', KEYS[1], 'published', 'outbox')
if upto > tonumber(meta[1]) then redis.call('HSET', KEYS[1], 'published', ARGV[2]) end
if upto > tonumber(meta[2]) then redis.call('HSET', KEYS[1], 'outbox', ARGV[2]) end
redis.call('XTRIM', KEYS[4], 'MINID', string.format('%d-0', upto + 1))
return {'OK'}
