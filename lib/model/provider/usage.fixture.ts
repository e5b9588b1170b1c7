// Owns recorded usage of every family, and the counts that it means.

/** Uncached input, output, cache reads, cache writes, reasoning. */
export type Counts = [
  input: number,
  output: number,
  read: number,
  write: number,
  reasoning: number,
];
export const FORMS: [form: string, raw: object, counts: Counts][] = [
  [
    "OpenAI chat",
    {
      prompt_tokens: 1000,
      completion_tokens: 50,
      total_tokens: 1050,
      prompt_tokens_details: { cached_tokens: 800 },
      completion_tokens_details: { reasoning_tokens: 20 },
    },
    [200, 50, 800, 0, 20],
  ],
  [
    "vLLM",
    { prompt_tokens: 1000, completion_tokens: 50, total_tokens: 1050, prompt_tokens_details: null },
    [1000, 50, 0, 0, 0],
  ],
  [
    "SGLang",
    {
      prompt_tokens: 1000,
      completion_tokens: 50,
      total_tokens: 1050,
      prompt_tokens_details: { cached_tokens: 960 },
      reasoning_tokens: 0,
    },
    [40, 50, 960, 0, 0],
  ],
  [
    "llama.cpp",
    {
      completion_tokens: 50,
      prompt_tokens: 1000,
      total_tokens: 1050,
      prompt_tokens_details: { cached_tokens: 990 },
    },
    [10, 50, 990, 0, 0],
  ],
  [
    "Ollama and LM Studio",
    { prompt_tokens: 1000, completion_tokens: 50, total_tokens: 1050 },
    [1000, 50, 0, 0, 0],
  ],
  [
    "LM Studio, with reasoning",
    {
      prompt_tokens: 1000,
      completion_tokens: 50,
      total_tokens: 1050,
      completion_tokens_details: { reasoning_tokens: 30 },
    },
    [1000, 50, 0, 0, 30],
  ],
  [
    "Mistral",
    {
      prompt_tokens: 1000,
      completion_tokens: 50,
      total_tokens: 1050,
      prompt_audio_seconds: null,
      num_cached_tokens: 0,
      prompt_tokens_details: { cached_tokens: 640 },
    },
    [360, 50, 640, 0, 0],
  ],
  [
    "DeepSeek",
    {
      prompt_tokens: 1000,
      completion_tokens: 50,
      total_tokens: 1050,
      prompt_cache_hit_tokens: 900,
      prompt_cache_miss_tokens: 100,
      completion_tokens_details: { reasoning_tokens: 30 },
    },
    [100, 50, 900, 0, 30],
  ],
  [
    "Moonshot",
    { prompt_tokens: 1000, completion_tokens: 50, total_tokens: 1050, cached_tokens: 700 },
    [300, 50, 700, 0, 0],
  ],
  [
    "xAI: reasoning beside the answer",
    {
      prompt_tokens: 1000,
      completion_tokens: 50,
      total_tokens: 1250,
      prompt_tokens_details: { cached_tokens: 100 },
      completion_tokens_details: { reasoning_tokens: 200 },
    },
    [900, 250, 100, 0, 200],
  ],
  [
    "xAI, without its total",
    {
      prompt_tokens: 1000,
      completion_tokens: 50,
      completion_tokens_details: { reasoning_tokens: 200 },
    },
    [1000, 250, 0, 0, 200],
  ],
  [
    "OpenRouter",
    {
      prompt_tokens: 1000,
      completion_tokens: 50,
      total_tokens: 1050,
      cost: 0.1,
      prompt_tokens_details: { cached_tokens: 600, cache_write_tokens: 300 },
    },
    [100, 50, 600, 300, 0],
  ],
  [
    "LiteLLM over Anthropic",
    {
      prompt_tokens: 1000,
      completion_tokens: 50,
      total_tokens: 1050,
      cache_read_input_tokens: 600,
      cache_creation_input_tokens: 300,
      prompt_tokens_details: { cached_tokens: 600 },
    },
    [100, 50, 600, 300, 0],
  ],
  [
    "cached tokens beside the prompt's",
    { prompt_tokens: 100, completion_tokens: 50, total_tokens: 1050, cache_read_input_tokens: 900 },
    [100, 50, 900, 0, 0],
  ],
  [
    "cached tokens beside, without a total",
    { prompt_tokens: 100, completion_tokens: 50, cache_read_input_tokens: 900 },
    [100, 50, 900, 0, 0],
  ],
  [
    "a total with tokens that nothing tells",
    { prompt_tokens: 100, completion_tokens: 50, total_tokens: 400 },
    [100, 300, 0, 0, 0],
  ],
  [
    "a total of 0",
    { prompt_tokens: 100, completion_tokens: 50, total_tokens: 0 },
    [100, 50, 0, 0, 0],
  ],
  [
    "Google",
    {
      promptTokenCount: 1000,
      candidatesTokenCount: 50,
      thoughtsTokenCount: 30,
      cachedContentTokenCount: 400,
      totalTokenCount: 1080,
    },
    [600, 80, 400, 0, 30],
  ],
  [
    "Google, withheld before its first token",
    { promptTokenCount: 1000, totalTokenCount: 1000 },
    [1000, 0, 0, 0, 0],
  ],
  [
    "Google, cut in its thoughts",
    { promptTokenCount: 1000, thoughtsTokenCount: 500, totalTokenCount: 1500 },
    [1000, 500, 0, 0, 500],
  ],
  [
    "Google, thoughts within the answer",
    {
      promptTokenCount: 1000,
      candidatesTokenCount: 80,
      thoughtsTokenCount: 30,
      totalTokenCount: 1080,
    },
    [1000, 80, 0, 0, 30],
  ],
  [
    "OpenAI responses",
    {
      input_tokens: 1000,
      input_tokens_details: { cached_tokens: 400 },
      output_tokens: 80,
      output_tokens_details: { reasoning_tokens: 64 },
      total_tokens: 1080,
    },
    [600, 80, 400, 0, 64],
  ],
  [
    "Anthropic",
    {
      input_tokens: 10,
      cache_read_input_tokens: 900,
      cache_creation_input_tokens: 90,
      output_tokens: 50,
    },
    [10, 50, 900, 90, 0],
  ],
  [
    "numbers that no server should send",
    { prompt_tokens: 10.2, completion_tokens: -4, prompt_tokens_details: { cached_tokens: null } },
    [11, 0, 0, 0, 0],
  ],
];
