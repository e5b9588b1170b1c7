CREATE INDEX `calls_summaries` ON `calls` (`attempt_key`,`agent_id`) WHERE purpose = 'summary';--> statement-breakpoint
CREATE INDEX `journal_by_event` ON `journal` (`event`,`at`);