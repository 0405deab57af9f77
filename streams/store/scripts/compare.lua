-- Notes from which number on the topics may hold what will be said again, or that all was said.
-- ARGV: owner, number, or nothing once there is no need to compare any more
if not is_owner() then return fenced() end
if ARGV[2] == '' then
  redis.call('HDEL', KEYS[1], 'compared_after')
else
  redis.call('HSET', KEYS[1], 'compared_after', ARGV[2])
end
return {'OK'}
