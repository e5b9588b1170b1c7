-- How do the agents of a run spend their steps: how many, how long, how many tokens, how often a command failed or a message went out?
SELECT a.run, g.agent_id, count(DISTINCT g.attempt_key) AS attempts, count(s.step) AS steps,
       round(1.0 * count(s.step) / count(DISTINCT g.attempt_key), 1) AS steps_an_attempt,
       round(avg(s.model_ms)) AS mean_model_ms, round(avg(s.exec_ms)) AS mean_exec_ms,
       round(avg(s.input_tokens)) AS mean_input_tokens, round(avg(s.output_tokens)) AS mean_output_tokens,
       coalesce(sum(s.exit_code <> 0), 0) AS steps_with_failed_command,
       coalesce(sum(s.messages_sent > 0), 0) AS steps_with_message
FROM agents g
JOIN attempts a ON a.attempt_key = g.attempt_key
LEFT JOIN steps s ON s.attempt_key = g.attempt_key AND s.agent_id = g.agent_id
GROUP BY a.run, g.agent_id
ORDER BY a.run, g.agent_id;
