-- What did the attempts of each run end in? Counts and shares by policy; attempts without a verdict are left out.
SELECT a.run, s.policy, s.outcome, count(*) AS attempts,
       round(100.0 * count(*) / sum(count(*)) OVER (PARTITION BY a.run, s.policy), 1) AS percent
FROM scores s
JOIN attempts a ON a.attempt_key = s.attempt_key
GROUP BY a.run, s.policy, s.outcome
ORDER BY a.run, s.policy, attempts DESC, s.outcome;
