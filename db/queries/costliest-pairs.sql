-- Which pairs cost most over all runs? The twenty costliest; agents whose price is unknown are counted, not taken as free.
SELECT a.pair_key, count(DISTINCT a.attempt_key) AS attempts, count(DISTINCT a.run) AS runs,
       round(sum(g.cost_usd), 4) AS known_cost_usd,
       sum(g.cost_usd IS NULL) AS unpriced_agents,
       sum(g.input_tokens) AS input_tokens, sum(g.output_tokens) AS output_tokens
FROM attempts a
JOIN agents g ON g.attempt_key = a.attempt_key
GROUP BY a.pair_key
ORDER BY known_cost_usd DESC, a.repo, a.task_id, CAST(a.features AS INTEGER),
         CAST(substr(a.features, instr(a.features, ',') + 1) AS INTEGER), length(a.features), a.features
LIMIT 20;
