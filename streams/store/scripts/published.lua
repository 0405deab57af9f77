-- Forgets what is published of the outbox.
-- ARGV: owner, number up to which all is published
if not is_owner() then return fenced() end
local upto, meta = tonumber(ARGV[2]), redis.call('HMGET', KEYS[1], 'published', 'outbox')
if upto > tonumber(meta[2]) then return {'LOST', meta[2]} end -- Redis went back under its owner
local damaged = damage()
if damaged then return damaged end
if upto > tonumber(meta[1]) then redis.call('HSET', KEYS[1], 'published', ARGV[2]) end
redis.call('XTRIM', KEYS[4], 'MINID', string.format('%d-0', upto + 1))
seal()
return {'OK'}
