CREATE TABLE `program_commands` (
	`attempt_key` text NOT NULL,
	`agent_id` text NOT NULL,
	`seq` integer NOT NULL,
	`step` integer NOT NULL,
	`command` text NOT NULL,
	`size_bytes` integer NOT NULL,
	`exit_code` integer,
	PRIMARY KEY(`attempt_key`, `agent_id`, `seq`),
	FOREIGN KEY (`attempt_key`) REFERENCES `attempts`(`attempt_key`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
ALTER TABLE `steps` ADD `helper` integer;