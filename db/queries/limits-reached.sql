-- Which agents ran into a limit or handed in nothing, and where did the patch that was taken come from?
SELECT g.attempt_key, g.agent_id, g.outcome, g.limit_reached, g.patch_source,
       p.size_bytes AS patch_bytes, g.steps, round(g.cost_usd, 4) AS cost_usd, round(g.wall_ms / 1000.0, 1) AS wall_s
FROM agents g
JOIN patches p ON p.hash = g.patch
JOIN attempts a ON a.attempt_key = g.attempt_key
WHERE g.outcome <> 'submitted'
ORDER BY a.run, a.repo, a.task_id, CAST(a.features AS INTEGER),
         CAST(substr(a.features, instr(a.features, ',') + 1) AS INTEGER), length(a.features), a.features, a.try, g.position;
