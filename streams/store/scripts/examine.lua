-- Tells what a claim would find, or why there would be none; writes nothing.
-- ARGV: layout, and the name of the partitioner in use.
return unclaimable(ARGV[1], ARGV[2]) or {'OK', redis.call('HGETALL', KEYS[1]), redis.call('HGETALL', KEYS[8])}
