-- What broke and is not overcome yet, and what is to be done about it? Newest first, with the number of tries.
SELECT unit, step, code, message, hint, max(happened_at) AS last_happened_at, count(*) AS times
FROM faults
WHERE resolved_at IS NULL
GROUP BY unit, step, code
ORDER BY last_happened_at DESC, unit, step;
