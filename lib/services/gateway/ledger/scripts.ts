/**
 * The ledger's steps as Lua texts, each one atomic in Valkey. Legal in a cluster and on ElastiCache Serverless: every key
 * is declared, none has a time to live, and the only clock is the server's.
 *
 * Per counter a hash (spent, reserved, period, expired, expiredAmount) and a sorted set of open reservations: members
 * `amount:id`, scores when they expire. Its name holds no period: the first step in a new one starts from 0.
 */
import { createHash } from 'node:crypto';
import { DAY_MS, MINUTE_MS, RUN_KNOWN_MS, SETTLED_KNOWN_MS } from '../../../gateway/periods';

export interface Script {
  readonly lua: string;
  readonly sha: string;
}

export interface LedgerScripts {
  readonly reserve: Script;
  readonly settle: Script;
  readonly read: Script;
}

/** What one step clears away at most, so that none takes long. */
const SWEPT_AT_ONCE = 100;

const SERVER_TIME = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)`;

/** As periodAt() says; a month by the civil calendar, whose years begin in March (H. Hinnant's days_from_civil, inverted). */
const PERIODS = `
local function day() return math.floor(now / ${DAY_MS}) end
local function month()
  local days = day() + 719468
  local era = math.floor(days / 146097)
  local dayOfEra = days - era * 146097
  local year = math.floor((dayOfEra - math.floor(dayOfEra / 1460) + math.floor(dayOfEra / 36524) - math.floor(dayOfEra / 146096)) / 365)
  local dayOfYear = dayOfEra - (365 * year + math.floor(year / 4) - math.floor(year / 100))
  return (era * 400 + year) * 12 + math.floor((5 * dayOfYear + 2) / 153) + 2
end
local periods = { d = day, m = month }
`;

const SWEEP = `
local function old(zset, before)
  return redis.call('ZRANGEBYSCORE', zset, '-inf', before, 'LIMIT', 0, ${SWEPT_AT_ONCE})
end
local function sweep(hash, open, letter)
  local state = redis.call('HMGET', hash, 'period', 'spent', 'reserved')
  local period, spent, reserved = tostring(periods[letter]()), tonumber(state[2] or 0), tonumber(state[3] or 0)
  if state[1] ~= period then
    spent = 0
    redis.call('HSET', hash, 'period', period, 'spent', 0, 'expired', 0, 'expiredAmount', 0)
  end
  local gone = old(open, now)
  if #gone == 0 then return spent, reserved, 0 end
  local amount = 0
  for _, member in ipairs(gone) do amount = amount + tonumber(string.match(member, '^%d+')) end
  redis.call('ZREM', open, unpack(gone))
  redis.call('HINCRBY', hash, 'reserved', -amount)
  redis.call('HINCRBY', hash, 'expired', #gone)
  redis.call('HINCRBY', hash, 'expiredAmount', amount)
  return spent, reserved - amount, #gone
end
`;

const MINUTE = `
local function minuteOf(key, id)
  local current = tostring(math.floor(now / ${MINUTE_MS}))
  local state = redis.call('HMGET', key, 'minute', 'requests', 'tokens', ':' .. id)
  if state[1] == current then return tonumber(state[2]), tonumber(state[3]), state[4] end
  redis.call('UNLINK', key)
  redis.call('HSET', key, 'minute', current, 'requests', 0, 'tokens', 0)
  return 0, 0, false
end
`;

/**
 * KEYS: settled, runs, first calls of runs, then hash and open of each counter, then the minute if it is limited.
 * ARGV: id, amount, tokens, expires in ms, run, requests and tokens a minute, then of each counter its period's letter and limit.
 * Answers {0, first of run}, {1, counter, spent, reserved, now} or {2, 0 for requests and 1 for tokens, used, now}.
 */
const RESERVE = `
local settled, runs, firsts = KEYS[1], KEYS[2], KEYS[3]
local id, amount, tokens, run = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[5]
local counters = #ARGV - 7
local minute = KEYS[4 + 2 * counters]
local member = ARGV[2] .. ':' .. id

local function answer()
  return { 0, run ~= '' and redis.call('HGET', firsts, run) == id and 1 or 0 }
end

local state = {}
for i = 1, counters do
  local spent, reserved = sweep(KEYS[2 + 2 * i], KEYS[3 + 2 * i], string.sub(ARGV[7 + i], 1, 1))
  state[i] = { spent, reserved }
end
local requests, used, known = 0, 0, false
if minute then requests, used, known = minuteOf(minute, id) end

if known or redis.call('ZSCORE', settled, id) or counters > 0 and redis.call('ZSCORE', KEYS[5], member) then return answer() end
local most = tonumber(ARGV[6])
if most and requests + 1 > most then return { 2, 0, requests, now } end
most = tonumber(ARGV[7])
if most and used + tokens > most then return { 2, 1, used, now } end
for i = 1, counters do
  local limit = tonumber(string.sub(ARGV[7 + i], 2))
  if limit and state[i][1] + state[i][2] + amount > limit then return { 1, i - 1, state[i][1], state[i][2], now } end
end

for i = 1, counters do
  local added = redis.call('ZADD', KEYS[3 + 2 * i], 'NX', now + tonumber(ARGV[4]), member)
  if added == 1 then redis.call('HINCRBY', KEYS[2 + 2 * i], 'reserved', amount) end
end
if minute then redis.call('HSET', minute, 'requests', requests + (ARGV[6] == '' and 0 or 1), 'tokens', used + tokens, ':' .. id, 1) end
if run ~= '' then
  local gone = old(runs, now - ${RUN_KNOWN_MS})
  if #gone > 0 then
    redis.call('ZREM', runs, unpack(gone))
    redis.call('HDEL', firsts, unpack(gone))
  end
  if redis.call('ZADD', runs, 'NX', now, run) == 1 then redis.call('HSET', firsts, run, id) end
end
return answer()
`;

/**
 * KEYS as of reserve. ARGV: id, reserved, spent, tokens used less tokens reserved, run to release, and the counters' periods as
 * one letter each. Money spent is counted even where the reservation has expired or never arrived.
 */
const SETTLE = `
local settled, runs, firsts = KEYS[1], KEYS[2], KEYS[3]
local id, reserved, spent, tokens, run = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4], ARGV[5]
local counters = #ARGV[6]
local minute = KEYS[4 + 2 * counters]
local member = ARGV[2] .. ':' .. id

local gone = old(settled, now - ${SETTLED_KNOWN_MS})
if #gone > 0 then redis.call('ZREM', settled, unpack(gone)) end
if redis.call('ZADD', settled, 'NX', now, id) == 0 then return 0 end

local seen = {}
for i = 1, counters do
  local hash, open = KEYS[2 + 2 * i], KEYS[3 + 2 * i]
  if not seen[hash] then
    seen[hash] = true
    sweep(hash, open, string.sub(ARGV[6], i, i))
    redis.call('HINCRBY', hash, 'spent', spent)
    if redis.call('ZREM', open, member) == 1 then redis.call('HINCRBY', hash, 'reserved', -reserved) end
  end
end
if minute then
  local _, _, known = minuteOf(minute, id)
  if known then
    redis.call('HDEL', minute, ':' .. id)
    redis.call('HINCRBY', minute, 'tokens', tokens)
  end
end
if run ~= '' and redis.call('HGET', firsts, run) == id then
  redis.call('HDEL', firsts, run)
  redis.call('ZREM', runs, run)
end
return 1
`;

/** KEYS: hash and open of each counter. ARGV: their periods as one letter each. Five numbers per counter. */
const READ = `
local answer = {}
for i = 1, #KEYS / 2 do
  local hash, open = KEYS[2 * i - 1], KEYS[2 * i]
  for _ = 1, 100 do
    local _, _, gone = sweep(hash, open, string.sub(ARGV[1], i, i))
    if gone < ${SWEPT_AT_ONCE} then break end
  end
  for _, value in ipairs(redis.call('HMGET', hash, 'spent', 'reserved', 'expired', 'expiredAmount')) do table.insert(answer, tonumber(value or 0)) end
  table.insert(answer, redis.call('ZCARD', open))
end
return answer
`;

const script = (lua: string): Script => ({ lua, sha: createHash('sha1').update(lua).digest('hex') });

/** `time` is Lua that sets `now`, in ms: the server's clock; a test of whole days puts its own. */
export function ledgerScripts(time = SERVER_TIME): LedgerScripts {
  const common = `${time}${PERIODS}${SWEEP}`;
  return {
    reserve: script(`${common}${MINUTE}${RESERVE}`),
    settle: script(`${common}${MINUTE}${SETTLE}`),
    read: script(`${common}${READ}`),
  };
}
