-- How much do the agents of a coop attempt talk, and does the first message precede all commands (and so every edit) of its sender?
WITH first AS (
  SELECT attempt_key, sender, sent_step, min(seq) AS seq
  FROM messages GROUP BY attempt_key
), talk AS (
  SELECT attempt_key, count(*) AS messages, sum(read_at IS NULL) AS unread
  FROM messages GROUP BY attempt_key
)
SELECT a.attempt_key, coalesce(t.messages, 0) AS messages,
       -- Other systems' logs may not tell when messages were read.
       CASE WHEN i.reads_kept = 0 THEN NULL ELSE t.unread END AS unread, f.sender AS first_sender,
       f.sent_step AS first_sent_step,
       CASE WHEN f.seq IS NOT NULL THEN (
         SELECT coalesce(sum(s.commands), 0) FROM steps s
         WHERE s.attempt_key = a.attempt_key AND s.agent_id = f.sender AND s.step < f.sent_step
       ) = 0 END AS talked_first,
       m.status AS merge_status
FROM attempts a
JOIN runs r ON r.run = a.run
LEFT JOIN imported i ON i.attempt_key = a.attempt_key
LEFT JOIN talk t ON t.attempt_key = a.attempt_key
LEFT JOIN first f ON f.attempt_key = a.attempt_key
LEFT JOIN merges m ON m.attempt_key = a.attempt_key AND m.strategy = 'naive'
WHERE r.setting = 'coop'
ORDER BY messages DESC, a.run, a.repo, a.task_id, CAST(a.features AS INTEGER),
         CAST(substr(a.features, instr(a.features, ',') + 1) AS INTEGER), length(a.features), a.features, a.try;
