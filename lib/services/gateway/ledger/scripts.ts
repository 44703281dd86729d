/**
 * The ledger's steps as Lua texts: one script takes many, in their order, and is atomic in Valkey. Legal in a cluster and on
 * ElastiCache Serverless: every key is declared, none has a time to live, and the only clock is the server's.
 *
 * Per counter a hash (spent, reserved, period, expired, expiredAmount) and a sorted set of open reservations: members
 * `amount:id`, scores when they expire. Its name holds no period: the first step in a new one starts from 0.
 *
 * KEYS of each script: settled, runs, first calls of runs, then hash and open of each counter, then minutes. ARGV[1]: the
 * counters' periods as one letter each. Counters and minutes are referred to by their numbers, from 1.
 */
import { createHash } from 'node:crypto';
import { DAY_MS } from '../../../gateway/periods';
import { STEPS } from './step-script';

export interface Script {
  readonly lua: string;
  readonly sha: string;
}

export interface LedgerScripts {
  readonly steps: Script;
  readonly read: Script;
}

/** What one script clears away of a set at most, so that none takes long: more than it can add. */
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

const KEYS = `
local settled, runs, firsts, letters = KEYS[1], KEYS[2], KEYS[3], ARGV[1]
local function old(zset, before)
  return redis.call('ZRANGEBYSCORE', zset, '-inf', before, 'LIMIT', 0, ${SWEPT_AT_ONCE})
end
`;

/** A counter is looked up once in a script, and then kept as the store has it. */
const COUNTERS = `
local function sweep(counter)
  local gone = old(counter.open, now)
  if #gone == 0 then return 0 end
  local amount = 0
  for _, member in ipairs(gone) do amount = amount + tonumber(string.match(member, '^%d+')) end
  redis.call('ZREM', counter.open, unpack(gone))
  counter.reserved = redis.call('HINCRBY', counter.hash, 'reserved', -amount)
  redis.call('HINCRBY', counter.hash, 'expired', #gone)
  redis.call('HINCRBY', counter.hash, 'expiredAmount', amount)
  return #gone
end

local counters = {}
local function counterOf(number)
  number = tonumber(number)
  if counters[number] then return counters[number] end
  local hash = KEYS[2 + 2 * number]
  local state = redis.call('HMGET', hash, 'period', 'spent', 'reserved')
  local counter = { hash = hash, open = KEYS[3 + 2 * number], spent = tonumber(state[2] or 0), reserved = tonumber(state[3] or 0) }
  local period = periods[string.sub(letters, number, number)]()
  -- A clock that is put back, as by a failover, begins no period again.
  if period > tonumber(state[1] or -1) then
    counter.spent = 0
    redis.call('HSET', hash, 'period', period, 'spent', 0, 'expired', 0, 'expiredAmount', 0)
  end
  sweep(counter)
  counters[number] = counter
  return counter
end
`;

/** Five numbers per counter. */
const READ = `
local answer = {}
for number = 1, #letters do
  local counter = counterOf(number)
  for _ = 1, 100 do
    if sweep(counter) < ${SWEPT_AT_ONCE} then break end
  end
  for _, value in ipairs(redis.call('HMGET', counter.hash, 'spent', 'reserved', 'expired', 'expiredAmount')) do
    table.insert(answer, tonumber(value or 0))
  end
  table.insert(answer, redis.call('ZCARD', counter.open))
end
return answer
`;

const script = (lua: string): Script => ({ lua, sha: createHash('sha1').update(lua).digest('hex') });

/** `time` is Lua that sets `now`, in ms: the server's clock; a test of whole days puts its own. */
export function ledgerScripts(time = SERVER_TIME): LedgerScripts {
  const common = `${time}${PERIODS}${KEYS}${COUNTERS}`;
  return {
    steps: script(`${common}${STEPS}`),
    read: script(`${common}${READ}`),
  };
}
