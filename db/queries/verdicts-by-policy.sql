-- Under which policies does each run pass how often, whose verdict is it, and how often did one feature's suite fail alone?
SELECT run, policy, count(*) AS attempts, sum(passed) AS passed, round(100.0 * avg(passed), 1) AS percent,
       coalesce(sum(feature_a_outcome <> 'passed' AND feature_b_outcome = 'passed'), 0) AS only_first_fails,
       coalesce(sum(feature_a_outcome = 'passed' AND feature_b_outcome <> 'passed'), 0) AS only_second_fails
FROM verdicts
GROUP BY run, policy
ORDER BY run, policy;
