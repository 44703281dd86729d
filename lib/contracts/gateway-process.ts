/**
 * The environment in which Node keeps the gateway small, whoever starts it. Left alone it lets garbage grow to hundreds of
 * megabytes, on large machines most of all. `npm run bench:gateway` shows what this saves and, with very many calls at once, costs.
 */
export const GATEWAY_PROCESS_ENVIRONMENT = {
  /** Room for the bodies of all calls under way, as body-room.ts bounds them, several times over. */
  NODE_OPTIONS: '--max-semi-space-size=8 --max-old-space-size=512',
  /** glibc keeps a pool of memory for each thread; the gateway's work is in one. */
  MALLOC_ARENA_MAX: '1',
} as const;
