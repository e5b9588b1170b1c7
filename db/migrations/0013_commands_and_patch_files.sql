CREATE TABLE `agent_commands` (
	`attempt_key` text NOT NULL,
	`agent_id` text NOT NULL,
	`seq` integer NOT NULL,
	`step` integer,
	`command` text NOT NULL,
	`size_bytes` integer NOT NULL,
	`exit_code` integer NOT NULL,
	`timed_out` integer NOT NULL,
	`duration_ms` integer NOT NULL,
	PRIMARY KEY(`attempt_key`, `agent_id`, `seq`),
	FOREIGN KEY (`attempt_key`) REFERENCES `attempts`(`attempt_key`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `patch_files` (
	`patch` text NOT NULL,
	`path` text NOT NULL,
	`change` text NOT NULL,
	`added` integer,
	`removed` integer,
	PRIMARY KEY(`patch`, `path`),
	FOREIGN KEY (`patch`) REFERENCES `patches`(`hash`) ON UPDATE no action ON DELETE no action
);
