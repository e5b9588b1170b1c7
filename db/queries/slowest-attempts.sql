-- Which attempts took longest, and was it the model, waiting for it, or the commands? The twenty slowest; seconds, summed over agents but for wall_s.
SELECT a.attempt_key, round(a.wall_ms / 1000.0, 1) AS wall_s,
       round(total(g.model_ms) / 1000.0, 1) AS model_s,
       round((SELECT total(c.waited_ms) FROM calls c WHERE c.attempt_key = a.attempt_key) / 1000.0, 1) AS waited_s,
       round((SELECT total(s.exec_ms) FROM steps s WHERE s.attempt_key = a.attempt_key) / 1000.0, 1) AS exec_s,
       sum(g.steps) AS steps, a.outcome
FROM attempts a
LEFT JOIN agents g ON g.attempt_key = a.attempt_key
GROUP BY a.attempt_key
ORDER BY a.wall_ms DESC, a.run, a.repo, a.task_id, CAST(a.features AS INTEGER),
         CAST(substr(a.features, instr(a.features, ',') + 1) AS INTEGER), length(a.features), a.features, a.try
LIMIT 20;
