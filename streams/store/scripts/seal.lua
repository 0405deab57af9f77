-- Put before every script that writes; its KEYS are always all of a partition's:
-- meta, state, due, outbox, histogram, activations, panel, gate.
-- Redis may lose a key alone, by eviction or by hand: meta notes how much each of them holds.
local function counts()
  return table.concat({
    redis.call('HLEN', KEYS[2]), redis.call('ZCARD', KEYS[3]), redis.call('XLEN', KEYS[4]),
    redis.call('HLEN', KEYS[5]), redis.call('LLEN', KEYS[6]), redis.call('EXISTS', KEYS[7]),
    redis.call('HLEN', KEYS[8]),
  }, ' ')
end

-- Why nobody can own a partition with this layout and partitioner, or nil.
local function unclaimable(layout, partitioner)
  local meta = redis.call('HMGET', KEYS[1], 'layout', 'counts', 'partitioner')
  local found = counts()
  if redis.call('EXISTS', KEYS[1]) == 0 then
    if found ~= '0 0 0 0 0 0 0' then return {'DAMAGED', '', found} end
    return nil
  end
  if meta[1] ~= layout then return {'LAYOUT', meta[1] or ''} end
  if meta[2] ~= found then return {'DAMAGED', meta[2] or '', found} end
  if meta[3] and meta[3] ~= partitioner then return {'PARTITIONER', meta[3]} end
  return nil
end

-- Asked before anything is noted of keys anew, or what is missing of them would be forgotten.
local function damage()
  local noted, found = redis.call('HGET', KEYS[1], 'counts') or '', counts()
  if found ~= noted then return {'DAMAGED', noted, found} end
  return nil
end

local function seal()
  redis.call('HSET', KEYS[1], 'counts', counts())
end

-- ARGV of what counts as a commit begin with owner, sequence and the commit's own id.
-- A script does not roll back, so everything is checked before the first write.
local function refusal()
  local meta = redis.call('HMGET', KEYS[1], 'owner', 'sequence', 'commit')
  if meta[1] ~= ARGV[1] then return {'FENCED', meta[1] or ''} end
  local sequence, expected = tonumber(meta[2]), tonumber(ARGV[2])
  if sequence == expected + 1 and meta[3] == ARGV[3] then return {'DONE'} end
  if sequence ~= expected then return {'LOST', tostring(sequence)} end
  return damage()
end

local function is_owner()
  return redis.call('HGET', KEYS[1], 'owner') == ARGV[1]
end

local function fenced()
  return {'FENCED', redis.call('HGET', KEYS[1], 'owner') or ''}
end
