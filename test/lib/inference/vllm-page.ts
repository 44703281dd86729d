/** Pages of metrics as vLLM writes them, in the wording of several versions. */

export interface Engine {
  readonly running: number | string;
  readonly waiting: number | string;
  readonly prompt: number | string;
  readonly output: number | string;
  readonly kv: number | string;
}

export interface Wording {
  readonly kvName: string;
  readonly suffix: string;
  readonly lineBreak: string;
  /** Absent: a version or a set-up that does not tell it. */
  readonly processStart?: number | string;
}

export const NEW: Wording = { kvName: 'vllm:kv_cache_usage_perc', suffix: '_total', lineBreak: '\n', processStart: '1.79511e+09' };
export const OLD: Wording = { kvName: 'vllm:gpu_cache_usage_perc', suffix: '', lineBreak: '\r\n' };

export function vllmPage(engines: readonly Engine[], { kvName, suffix, lineBreak, processStart }: Wording = NEW): string {
  const labels = (i: number): string => `{engine="${i}",model_name="a \\"b\\" {c} d"}`;
  const series = (name: string, type: string, value: (engine: Engine) => number | string): string[] => [
    `# HELP ${name} Something about ${name} 17.`,
    `# TYPE ${name} ${type}`,
    ...engines.map((engine, i) => `${name}${labels(i)} ${value(engine)}`),
  ];
  return [
    'python_gc_objects_collected_total{generation="0"} 11362.0',
    ...processStart === undefined ? [] : ['# TYPE process_start_time_seconds gauge', `process_start_time_seconds ${processStart}`],
    ...series(kvName, 'gauge', e => e.kv),
    ...series('vllm:num_requests_running', 'gauge', e => e.running),
    ...series('vllm:num_requests_waiting', 'gauge', e => e.waiting),
    'vllm:num_requests_waiting_by_reason{engine="0",reason="capacity"} 99',
    ...series(`vllm:prompt_tokens${suffix}`, 'counter', e => e.prompt),
    'vllm:prompt_tokens_created{engine="0"} 1.795e+09',
    ...series(`vllm:generation_tokens${suffix}`, 'counter', e => e.output),
    'vllm:request_generation_tokens_sum{engine="0"} 12345.0',
    'vllm:time_to_first_token_seconds_bucket{engine="0",le="+Inf"} 3.0',
    '',
  ].join(lineBreak);
}
