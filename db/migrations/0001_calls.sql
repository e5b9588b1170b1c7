CREATE TABLE `calls` (
	`attempt_key` text NOT NULL,
	`agent_id` text NOT NULL,
	`seq` integer NOT NULL,
	`purpose` text NOT NULL,
	`source` text NOT NULL,
	`request_sha256` text NOT NULL,
	`started_at` text NOT NULL,
	`latency_ms` integer NOT NULL,
	`waited_ms` integer NOT NULL,
	`retries` integer NOT NULL,
	`stop_reason` text NOT NULL,
	`response_model` text,
	`input_tokens` integer NOT NULL,
	`output_tokens` integer NOT NULL,
	`cache_read_tokens` integer NOT NULL,
	`cache_write_tokens` integer NOT NULL,
	`reasoning_tokens` integer NOT NULL,
	`cost_usd` real,
	PRIMARY KEY(`attempt_key`, `agent_id`, `seq`),
	FOREIGN KEY (`attempt_key`) REFERENCES `attempts`(`attempt_key`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
ALTER TABLE `attempts` ADD `replay_of` text;--> statement-breakpoint
ALTER TABLE `attempts` ADD `diverged` text;--> statement-breakpoint
ALTER TABLE `attempts` ADD `prices` text;--> statement-breakpoint
ALTER TABLE `faults` ADD `cost_usd` real;--> statement-breakpoint
ALTER TABLE `messages` ADD `acknowledged_at` text;