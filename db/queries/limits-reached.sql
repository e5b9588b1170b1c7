-- Which agents ran into a limit or handed in nothing, and where did the patch that was taken come from?
SELECT g.attempt_key, g.agent_id, g.outcome, g.limit_reached, g.patch_source,
       p.size_bytes AS patch_bytes, g.steps, round(g.cost_usd, 4) AS cost_usd, round(g.wall_ms / 1000.0, 1) AS wall_s
FROM agents g
JOIN patches p ON p.hash = g.patch
WHERE g.outcome <> 'submitted'
ORDER BY g.attempt_key, g.position;
