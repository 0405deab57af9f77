-- Writes something of the owner's, behind which replicas can be waited for; tells how far the outbox
-- is, which a failover may have set back.
-- ARGV: owner
if not is_owner() then return fenced() end
redis.call('HSET', KEYS[1], 'marked', 1)
return {'OK', redis.call('HGET', KEYS[1], 'outbox') or '0'}
