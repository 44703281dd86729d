/** One invocation: note what the event told, wait a little for the lease, tick, save. Only the owner of the lease decides. */
import { ControllerConfig } from '../../contracts/capacity-controller';
import { emfLine } from '../../inference/emf';
import { Fact, factSchema } from '../../scaling/seen';
import { NO_STATE, State, readState } from '../../scaling/state';
import { Aws } from './aws';
import { readEvent } from './events';
import { Log, jsonLog } from './log';
import { Remembered, Store } from './store';
import { tick } from './tick';

/** A tick takes a second or two; who waits longer leaves what it noted to the next tick. */
const PATIENCE_MS = 10_000;
const PAUSE_MS = 500;
/** After a time without invocations (throttling) the minutes come all at once, and one of them is enough. */
const STALE_SCHEDULE_MS = 120_000;
/** So many facts fit in the expression that takes them from the inbox; more wait for the next tick. */
const FACTS_AT_ONCE = 100;

export interface Surroundings {
  readonly config: ControllerConfig;
  readonly aws: Aws;
  readonly store: Store;
  /** A line for the log group. */
  readonly write: (line: string) => void;
  readonly now: () => Date;
  readonly sleep: (ms: number) => Promise<void>;
  /** 0 to 1. */
  readonly random: () => number;
  /** A name nobody else has. */
  readonly unique: () => string;
}

/** Throws where no decision could be made or remembered, so that the function's error metric counts it. */
export async function control(event: unknown, requestId: string, surroundings: Surroundings): Promise<void> {
  const { config, store, write, now, unique } = surroundings;
  const log = jsonLog(write);
  const { cause, facts, scheduledAt, warning } = readEvent(event, config);
  if (scheduledAt !== undefined && now().getTime() - scheduledAt > STALE_SCHEDULE_MS) {
    log('info', 'a minute long past; a later one decides', { cause });
    return;
  }
  if (warning) log('warn', warning, { cause });
  if (facts.length > 0) await store.record(facts);
  // Lambda gives a repetition the same request id, and the two may run at once.
  const owner = `${requestId} ${unique()}`;
  const remembered = await acquire(owner, surroundings);
  if (!remembered) {
    log('info', 'another invocation decides; what this event told is noted for the next tick', { cause, facts: facts.length });
    return;
  }
  await decideAndSave(remembered, owner, surroundings, log);
}

async function acquire(owner: string, { store, now, sleep, random }: Surroundings): Promise<Remembered | undefined> {
  const patience = now().getTime() + PATIENCE_MS;
  for (;;) {
    const remembered = await store.acquire(owner, now());
    if (remembered) return remembered;
    const pause = PAUSE_MS * (0.5 + random());
    if (now().getTime() + pause > patience) return undefined;
    await sleep(pause);
  }
}

async function decideAndSave(remembered: Remembered, owner: string, { config, aws, store, now, write }: Surroundings, log: Log): Promise<void> {
  const inbox = remembered.inbox.slice(0, FACTS_AT_ONCE);
  const before = { state: stateOf(remembered.state, log), facts: inbox.flatMap(text => readFact(text, log)) };
  const at = now();
  try {
    const { state, metrics } = await tick(config, aws, before, at, log);
    await store.save(owner, JSON.stringify(state), inbox.length);
    write(emfLine({ emitter: 'capacity-controller', group: config.group, timestamp: at.getTime(), values: metrics }));
  } catch (error) {
    log('error', 'no decision was made or remembered; sizes hold as they are', { error: String(error) });
    // Without it, nobody could decide until the lease ends by itself.
    await store.release(owner).catch((failure: unknown) => log('warn', 'the lease could not be released', { error: String(failure) }));
    throw error;
  }
}

/** A state of another version, or none, is no reason to stop: the decision then lowers nothing before its holds. */
function stateOf(text: string | undefined, log: Log): State {
  if (text === undefined) return NO_STATE;
  const { state, problem } = readState(readJson(text));
  if (problem) log('warn', 'what cannot be read of the state starts anew', { error: problem });
  return state;
}

function readFact(text: string, log: Log): Fact[] {
  const fact = factSchema.safeParse(readJson(text));
  if (fact.success) return [fact.data];
  log('warn', 'a noted fact cannot be read and is left out', { text });
  return [];
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Refused by the schema.
  }
}
