-- Writes something of the owner's, behind which replicas can be waited for.
-- ARGV: owner
if not is_owner() then return fenced() end
redis.call('HSET', KEYS[1], 'marked', 1)
return {'OK'}
