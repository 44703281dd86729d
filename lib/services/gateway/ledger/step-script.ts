/**
 * What reserving and settling are in Lua: the part of a script that takes many of them in one go, each as if it were alone.
 * `now`, KEYS and counterOf() are as scripts.ts says.
 */
import { MINUTE_MS, RUN_KNOWN_MS, SETTLED_KNOWN_MS } from '../../../gateway/periods';

const MINUTE = `
local function minuteOf(number, id)
  if number == '' then return nil, 0, 0, false end
  local key, current = KEYS[3 + 2 * #letters + number], tostring(math.floor(now / ${MINUTE_MS}))
  local state = redis.call('HMGET', key, 'minute', 'requests', 'tokens', ':' .. id)
  if state[1] == current then return key, tonumber(state[2]), tonumber(state[3]), state[4] end
  redis.call('UNLINK', key)
  redis.call('HSET', key, 'minute', current, 'requests', 0, 'tokens', 0)
  return key, 0, 0, false
end
`;

/** A run's first call, and forgetting: once in a script, as nothing grows old in it. */
const KNOWN = `
local tidied = {}
local function tidy(zset, knownMs)
  if tidied[zset] then return end
  tidied[zset] = true
  local gone = old(zset, now - knownMs)
  if #gone == 0 then return end
  redis.call('ZREM', zset, unpack(gone))
  if zset == runs then redis.call('HDEL', firsts, unpack(gone)) end
end

local function isFirst(run, id)
  return run ~= '' and redis.call('HGET', firsts, run) == id
end
`;

const ARGUMENTS = `
local taken = 1
local function take(many)
  taken = taken + many
  return unpack(ARGV, taken - many + 1, taken)
end
`;

/**
 * ARGV: id, amount, tokens, expires in ms, run, requests and tokens a minute, the minute, and the counters as `number=limit`.
 * Answers 0, or 1 for the first of its run, {1, counter, spent, reserved, now} or {2, 0 for requests and 1 for tokens, used, now}.
 */
const RESERVE = `
local function reserve()
  local id, amount, tokens, expiresIn, run, mostRequests, mostTokens, number, limits = take(9)
  local member = amount .. ':' .. id
  local asked = {}
  for counter, limit in string.gmatch(limits, '(%d+)=(%d*)') do
    table.insert(asked, { counter = counterOf(counter), limit = tonumber(limit) })
  end
  local minute, requests, used, known = minuteOf(number, id)
  if known or redis.call('ZSCORE', settled, id) or #asked > 0 and redis.call('ZSCORE', asked[1].counter.open, member) then
    return isFirst(run, id) and 1 or 0
  end

  local most = tonumber(mostRequests)
  if most and requests + 1 > most then return { 2, 0, requests, now } end
  most = tonumber(mostTokens)
  if most and used + tokens > most then return { 2, 1, used, now } end
  for i, each in ipairs(asked) do
    local spent, reserved = each.counter.spent, each.counter.reserved
    if each.limit and spent + reserved + amount > each.limit then return { 1, i - 1, spent, reserved, now } end
  end

  for _, each in ipairs(asked) do
    local counter = each.counter
    if redis.call('ZADD', counter.open, 'NX', now + expiresIn, member) == 1 then
      counter.reserved = redis.call('HINCRBY', counter.hash, 'reserved', amount)
    end
  end
  if minute then redis.call('HSET', minute, 'requests', requests + (mostRequests == '' and 0 or 1), 'tokens', used + tokens, ':' .. id, 1) end
  if run ~= '' then
    tidy(runs, ${RUN_KNOWN_MS})
    if redis.call('ZADD', runs, 'NX', now, run) == 1 then redis.call('HSET', firsts, run, id) end
  end
  return isFirst(run, id) and 1 or 0
end
`;

/**
 * ARGV: id, reserved, spent, tokens used less tokens reserved, run to release, the minute, and the counters' numbers. Money spent
 * is counted even where the reservation has expired or never arrived. Answers 1, or 0 where it was settled before.
 */
const SETTLE = `
local function settle()
  local id, reserved, spent, tokens, run, number, numbers = take(7)
  local member = reserved .. ':' .. id
  tidy(settled, ${SETTLED_KNOWN_MS})
  if redis.call('ZADD', settled, 'NX', now, id) == 0 then return 0 end

  local seen = {}
  for each in string.gmatch(numbers, '%d+') do
    local counter = counterOf(each)
    if not seen[counter] then
      seen[counter] = true
      counter.spent = redis.call('HINCRBY', counter.hash, 'spent', spent)
      if redis.call('ZREM', counter.open, member) == 1 then counter.reserved = redis.call('HINCRBY', counter.hash, 'reserved', -reserved) end
    end
  end
  local minute, _, _, known = minuteOf(number, id)
  if known then
    redis.call('HDEL', minute, ':' .. id)
    redis.call('HINCRBY', minute, 'tokens', tokens)
  end
  if isFirst(run, id) then
    redis.call('HDEL', firsts, run)
    redis.call('ZREM', runs, run)
  end
  return 1
end
`;

/** ARGV after the first: of each step `r` or `s`, and then what RESERVE or SETTLE takes. One answer per step. */
export const STEPS = `${MINUTE}${KNOWN}${ARGUMENTS}${RESERVE}${SETTLE}
local answers = {}
while taken < #ARGV do
  table.insert(answers, take(1) == 'r' and reserve() or settle())
end
return answers
`;
