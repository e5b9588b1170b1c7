-- Which pairs of the dataset has no run finished, and did a fault keep one from it?
SELECT p.pair_key, p.source,
       (SELECT count(*) FROM faults f
        WHERE f.repo = p.repo AND f.task_id = p.task_id AND f.features = p.features
          AND f.resolved_at IS NULL) AS open_faults
FROM pairs p
WHERE NOT EXISTS (SELECT 1 FROM attempts a WHERE a.pair_key = p.pair_key)
ORDER BY p.repo, p.task_id, CAST(p.features AS INTEGER),
         CAST(substr(p.features, instr(p.features, ',') + 1) AS INTEGER), length(p.features), p.features;
