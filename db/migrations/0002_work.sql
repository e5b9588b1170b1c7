CREATE TABLE `imported` (
	`attempt_key` text PRIMARY KEY NOT NULL,
	`source` text NOT NULL,
	`form` text NOT NULL,
	`content_sha256` text NOT NULL,
	`passed` integer,
	`merge_status` text,
	`strategy` text,
	`evaluated_at` text,
	`files` text NOT NULL,
	`problems` text NOT NULL,
	`imported_at` text NOT NULL,
	FOREIGN KEY (`attempt_key`) REFERENCES `attempts`(`attempt_key`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `labels` (
	`attempt_key` text NOT NULL,
	`measure` text NOT NULL,
	`subject` text NOT NULL,
	`label` text,
	`quotes` text NOT NULL,
	`model` text NOT NULL,
	`prompt_sha256` text NOT NULL,
	`prompt` text NOT NULL,
	`answer` text NOT NULL,
	`cost_usd` real,
	`labelled_at` text NOT NULL,
	PRIMARY KEY(`attempt_key`, `measure`, `subject`, `model`, `prompt_sha256`),
	FOREIGN KEY (`attempt_key`) REFERENCES `attempts`(`attempt_key`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `published` (
	`source` text NOT NULL,
	`pair_key` text NOT NULL,
	`model` text NOT NULL,
	`setting` text NOT NULL,
	`passed` integer NOT NULL,
	`has_conflict` integer,
	`content_sha256` text NOT NULL,
	`imported_at` text NOT NULL,
	PRIMARY KEY(`source`, `pair_key`, `model`, `setting`)
);
--> statement-breakpoint
CREATE TABLE `artefacts` (
	`attempt_key` text NOT NULL,
	`path` text NOT NULL,
	`sha256` text NOT NULL,
	`size_bytes` integer NOT NULL,
	PRIMARY KEY(`attempt_key`, `path`),
	FOREIGN KEY (`attempt_key`) REFERENCES `attempts`(`attempt_key`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `journal` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`at` text NOT NULL,
	`run` text NOT NULL,
	`unit` text NOT NULL,
	`step` text NOT NULL,
	`event` text NOT NULL,
	`owner` text,
	`cost_usd` real,
	`note` text
);
--> statement-breakpoint
CREATE INDEX `journal_by_unit` ON `journal` (`unit`,`step`);--> statement-breakpoint
CREATE INDEX `journal_by_run` ON `journal` (`run`);--> statement-breakpoint
CREATE TABLE `leases` (
	`unit` text NOT NULL,
	`step` text NOT NULL,
	`run` text NOT NULL,
	`owner` text NOT NULL,
	`claimed_at` text NOT NULL,
	`progress` text,
	PRIMARY KEY(`unit`, `step`)
);
--> statement-breakpoint
CREATE INDEX `leases_by_owner` ON `leases` (`owner`);--> statement-breakpoint
CREATE TABLE `processes` (
	`owner` text PRIMARY KEY NOT NULL,
	`pid` integer NOT NULL,
	`command` text NOT NULL,
	`started_at` text NOT NULL,
	`heartbeat_at` text NOT NULL,
	`ended_at` text,
	`state` text NOT NULL,
	`tokens` integer NOT NULL,
	`models` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `superseded` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`attempt_key` text NOT NULL,
	`run` text NOT NULL,
	`generation` integer NOT NULL,
	`reason` text NOT NULL,
	`outcome` text NOT NULL,
	`passed` integer,
	`cost_usd` real,
	`started_at` text NOT NULL,
	`ended_at` text NOT NULL,
	`superseded_at` text NOT NULL,
	`folder` text NOT NULL,
	`rows` blob NOT NULL
);
--> statement-breakpoint
CREATE INDEX `superseded_by_attempt` ON `superseded` (`attempt_key`);--> statement-breakpoint
CREATE INDEX `superseded_by_run` ON `superseded` (`run`);--> statement-breakpoint
PRAGMA foreign_keys=OFF;--> statement-breakpoint
CREATE TABLE `__new_agents` (
	`attempt_key` text NOT NULL,
	`agent_id` text NOT NULL,
	`position` integer NOT NULL,
	`features` text NOT NULL,
	`outcome` text NOT NULL,
	`limit_reached` text,
	`patch` text NOT NULL,
	`patch_source` text NOT NULL,
	`steps` integer,
	`messages_sent` integer NOT NULL,
	`input_tokens` integer,
	`output_tokens` integer,
	`cache_read_tokens` integer,
	`cache_write_tokens` integer,
	`reasoning_tokens` integer,
	`cost_usd` real,
	`model_ms` integer,
	`wall_ms` integer,
	PRIMARY KEY(`attempt_key`, `agent_id`),
	FOREIGN KEY (`attempt_key`) REFERENCES `attempts`(`attempt_key`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`patch`) REFERENCES `patches`(`hash`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
INSERT INTO `__new_agents`("attempt_key", "agent_id", "position", "features", "outcome", "limit_reached", "patch", "patch_source", "steps", "messages_sent", "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "reasoning_tokens", "cost_usd", "model_ms", "wall_ms") SELECT "attempt_key", "agent_id", "position", "features", "outcome", "limit_reached", "patch", "patch_source", "steps", "messages_sent", "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "reasoning_tokens", "cost_usd", "model_ms", "wall_ms" FROM `agents`;--> statement-breakpoint
DROP TABLE `agents`;--> statement-breakpoint
ALTER TABLE `__new_agents` RENAME TO `agents`;--> statement-breakpoint
PRAGMA foreign_keys=ON;--> statement-breakpoint
CREATE TABLE `__new_messages` (
	`attempt_key` text NOT NULL,
	`seq` integer NOT NULL,
	`sender` text NOT NULL,
	`recipient` text NOT NULL,
	`content` text NOT NULL,
	`sent_at` text,
	`sent_step` integer,
	`read_at` text,
	`read_step` integer,
	`acknowledged_at` text,
	PRIMARY KEY(`attempt_key`, `seq`),
	FOREIGN KEY (`attempt_key`) REFERENCES `attempts`(`attempt_key`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
INSERT INTO `__new_messages`("attempt_key", "seq", "sender", "recipient", "content", "sent_at", "sent_step", "read_at", "read_step", "acknowledged_at") SELECT "attempt_key", "seq", "sender", "recipient", "content", "sent_at", "sent_step", "read_at", "read_step", "acknowledged_at" FROM `messages`;--> statement-breakpoint
DROP TABLE `messages`;--> statement-breakpoint
ALTER TABLE `__new_messages` RENAME TO `messages`;--> statement-breakpoint
ALTER TABLE `faults` ADD `requeued_at` text;