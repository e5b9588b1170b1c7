PRAGMA foreign_keys=OFF;--> statement-breakpoint
CREATE TABLE `__new_checks` (
	`repo` text NOT NULL,
	`task_id` integer NOT NULL,
	`feature_id` integer NOT NULL,
	`kind` text NOT NULL,
	`backend` text NOT NULL,
	`environment` text NOT NULL,
	`task_hash` text NOT NULL,
	`good` integer NOT NULL,
	`flaky` integer NOT NULL,
	`outcomes` text NOT NULL,
	`suite_key` text NOT NULL,
	`checked_at` text NOT NULL,
	`unknown` integer DEFAULT false NOT NULL,
	`cause` text,
	PRIMARY KEY(`repo`, `task_id`, `feature_id`, `kind`, `backend`, `task_hash`),
	FOREIGN KEY (`suite_key`) REFERENCES `suite_results`(`suite_key`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
INSERT INTO `__new_checks`("repo", "task_id", "feature_id", "kind", "backend", "environment", "task_hash", "good", "flaky", "outcomes", "suite_key", "checked_at", "unknown", "cause") SELECT "repo", "task_id", "feature_id", "kind", "backend", "environment", "task_hash", "good", "flaky", "outcomes", "suite_key", "checked_at", "unknown", "cause" FROM `checks`;--> statement-breakpoint
DROP TABLE `checks`;--> statement-breakpoint
ALTER TABLE `__new_checks` RENAME TO `checks`;--> statement-breakpoint
PRAGMA foreign_keys=ON;