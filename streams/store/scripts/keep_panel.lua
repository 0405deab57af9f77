-- Replaces the panel.
-- ARGV: owner, the packed panel
if not is_owner() then return fenced() end
local damaged = damage()
if damaged then return damaged end
redis.call('SET', KEYS[7], ARGV[2])
seal()
return {'OK'}
