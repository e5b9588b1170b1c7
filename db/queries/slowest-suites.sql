-- Which features' test suites take longest, and how often did they run into their time limit or find no test?
SELECT repo, task_id, feature_id, count(*) AS runs_of_suite,
       round(avg(duration_ms) / 1000.0, 1) AS mean_s, round(max(duration_ms) / 1000.0, 1) AS longest_s,
       sum(outcome = 'passed') AS passed, sum(outcome = 'failed') AS failed,
       sum(outcome = 'tests timed out') AS timed_out, sum(outcome = 'no tests ran') AS no_tests
FROM suite_results
GROUP BY repo, task_id, feature_id
ORDER BY mean_s DESC, repo, task_id, feature_id;
