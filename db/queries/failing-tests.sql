-- Which tests keep most attempts of a run from passing? Tests that failed on the tree that was tested, by feature.
SELECT a.run, f.repo, f.task_id, f.feature_id, f.test, count(DISTINCT a.attempt_key) AS attempts
FROM failed_tests f
JOIN attempt_suites s ON s.suite_key = f.suite_key
JOIN attempts a ON a.attempt_key = s.attempt_key
WHERE s.tested IN ('naive', 'union', 'agent1')
GROUP BY a.run, f.repo, f.task_id, f.feature_id, f.test
ORDER BY a.run, attempts DESC, f.repo, f.task_id, f.feature_id, f.test;
