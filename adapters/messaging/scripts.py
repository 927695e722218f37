"""What happens in Redis as one step: a script runs whole or not at all, and nothing comes between."""

from typing import Final

PUBLISH_ONCE: Final = """
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[2], '*', 'topic', ARGV[3], 'payload', ARGV[4])
redis.call('SET', KEYS[1], '1', 'EX', ARGV[1])
return 1
"""
"""Adds an entry unless its id was seen: both or neither. What Redis may refuse comes first: a script is one step, but
what it has done before an error stays done.
"""

FINISH: Final = """
local fresh = redis.call('EXISTS', KEYS[1]) == 0
if fresh then
  for i = 5, #ARGV, 2 do
    redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[4], '*', 'topic', ARGV[i], 'payload', ARGV[i + 1])
  end
  redis.call('SET', KEYS[1], '1', 'EX', ARGV[3])
end
redis.call('XACK', KEYS[2], ARGV[1], ARGV[2])
return fresh and 1 or 0
"""
"""Writes an entry's outcome unless that was written already, and acknowledges the entry."""

BURY: Final = """
if redis.call('XACK', KEYS[1], ARGV[1], ARGV[2]) == 1 then
  redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[3], '*', 'id', ARGV[2], 'why', ARGV[4], unpack(ARGV, 5))
end
"""
"""Moves an entry that cannot be done to where a person finds it."""

COUNT_UNREAD: Final = """
local function named(flat)
  local found = {}
  for i = 1, #flat, 2 do found[flat[i]] = flat[i + 1] end
  return found
end
local stream = named(redis.call('XINFO', 'STREAM', KEYS[1]))
for _, flat in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
  local group = named(flat)
  local last, read = group['last-delivered-id'], group['entries-read']
  if group['name'] == ARGV[1] and read and #redis.call('XRANGE', KEYS[1], '-', last, 'COUNT', 1) == 0 then
    local lost = stream['entries-added'] - stream['length'] - read
    if lost > 0 then redis.call('XGROUP', 'SETID', KEYS[1], ARGV[1], last, 'ENTRIESREAD', read + lost) end
    return math.max(lost, 0)
  end
end
return 0
"""
"""Counts what was trimmed ahead of the group's position, once: it then moves the group's own count past it."""
