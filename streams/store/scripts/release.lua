-- Lets all through that the brake holds, and what else comes of the hours that it counted.
-- Whoever owns the partition goes on: nothing of this is in its memory.
local held = redis.call('HMGET', KEYS[1], 'outbox', 'published', 'held_after', 'held_rises', 'held_hour')
if held[3] then
  local noted = redis.call('HMGET', KEYS[1], 'clock', 'rises')
  local present = string.format('%d:free ', math.floor(tonumber(noted[1]) / 3600))
  redis.call('HSET', KEYS[1], 'rises', present .. string.gsub(noted[2] or '', ':%d+', ':free'))
  redis.call('HDEL', KEYS[1], 'held_after', 'held_rises', 'held_hour')
end
return held
