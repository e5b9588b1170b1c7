CREATE TABLE `agents` (
	`attempt_key` text NOT NULL,
	`agent_id` text NOT NULL,
	`position` integer NOT NULL,
	`features` text NOT NULL,
	`outcome` text NOT NULL,
	`limit_reached` text,
	`patch` text NOT NULL,
	`patch_source` text NOT NULL,
	`steps` integer NOT NULL,
	`messages_sent` integer NOT NULL,
	`input_tokens` integer NOT NULL,
	`output_tokens` integer NOT NULL,
	`cache_read_tokens` integer NOT NULL,
	`cache_write_tokens` integer NOT NULL,
	`reasoning_tokens` integer NOT NULL,
	`cost_usd` real,
	`model_ms` integer NOT NULL,
	`wall_ms` integer NOT NULL,
	PRIMARY KEY(`attempt_key`, `agent_id`),
	FOREIGN KEY (`attempt_key`) REFERENCES `attempts`(`attempt_key`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`patch`) REFERENCES `patches`(`hash`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `attempt_suites` (
	`attempt_key` text NOT NULL,
	`tested` text NOT NULL,
	`feature_id` integer NOT NULL,
	`suite_key` text NOT NULL,
	PRIMARY KEY(`attempt_key`, `tested`, `feature_id`),
	FOREIGN KEY (`attempt_key`) REFERENCES `attempts`(`attempt_key`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`suite_key`) REFERENCES `suite_results`(`suite_key`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `attempts` (
	`attempt_key` text PRIMARY KEY NOT NULL,
	`run` text NOT NULL,
	`pair_key` text NOT NULL,
	`repo` text NOT NULL,
	`task_id` integer NOT NULL,
	`features` text NOT NULL,
	`try` integer NOT NULL,
	`task_hash` text NOT NULL,
	`outcome` text NOT NULL,
	`started_at` text NOT NULL,
	`ended_at` text NOT NULL,
	`wall_ms` integer NOT NULL,
	FOREIGN KEY (`run`) REFERENCES `runs`(`run`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `attempts_by_run` ON `attempts` (`run`,`pair_key`);--> statement-breakpoint
CREATE TABLE `checks` (
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
	PRIMARY KEY(`repo`, `task_id`, `feature_id`, `kind`, `backend`),
	FOREIGN KEY (`suite_key`) REFERENCES `suite_results`(`suite_key`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `faults` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`unit` text NOT NULL,
	`run` text NOT NULL,
	`repo` text NOT NULL,
	`task_id` integer NOT NULL,
	`features` text NOT NULL,
	`try` integer NOT NULL,
	`step` text NOT NULL,
	`code` text NOT NULL,
	`message` text NOT NULL,
	`hint` text NOT NULL,
	`cause` text,
	`happened_at` text NOT NULL,
	`resolved_at` text
);
--> statement-breakpoint
CREATE INDEX `faults_by_unit` ON `faults` (`unit`,`step`);--> statement-breakpoint
CREATE TABLE `features` (
	`repo` text NOT NULL,
	`task_id` integer NOT NULL,
	`feature_id` integer NOT NULL,
	`title` text NOT NULL,
	`description` text NOT NULL,
	`gold_patch` text NOT NULL,
	`tests_patch` text NOT NULL,
	`changed_lines` integer NOT NULL,
	`files` integer NOT NULL,
	`hunks` integer NOT NULL,
	PRIMARY KEY(`repo`, `task_id`, `feature_id`),
	FOREIGN KEY (`gold_patch`) REFERENCES `patches`(`hash`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`tests_patch`) REFERENCES `patches`(`hash`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`repo`,`task_id`) REFERENCES `tasks`(`repo`,`task_id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `merges` (
	`attempt_key` text NOT NULL,
	`strategy` text NOT NULL,
	`inputs_hash` text NOT NULL,
	`base_kind` text NOT NULL,
	`base_tree` text NOT NULL,
	`status` text NOT NULL,
	`tree` text,
	`diff` text,
	`conflict_at` integer,
	`sections` integer NOT NULL,
	`lines` integer NOT NULL,
	`files` integer NOT NULL,
	`score` integer NOT NULL,
	`severity` text NOT NULL,
	`reason` text,
	`merged_at` text NOT NULL,
	PRIMARY KEY(`attempt_key`, `strategy`),
	FOREIGN KEY (`attempt_key`) REFERENCES `attempts`(`attempt_key`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`diff`) REFERENCES `patches`(`hash`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `messages` (
	`attempt_key` text NOT NULL,
	`seq` integer NOT NULL,
	`sender` text NOT NULL,
	`recipient` text NOT NULL,
	`content` text NOT NULL,
	`sent_at` text NOT NULL,
	`sent_step` integer NOT NULL,
	`read_at` text,
	`read_step` integer,
	PRIMARY KEY(`attempt_key`, `seq`),
	FOREIGN KEY (`attempt_key`) REFERENCES `attempts`(`attempt_key`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `meta` (
	`name` text PRIMARY KEY NOT NULL,
	`value` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `outputs` (
	`hash` text PRIMARY KEY NOT NULL,
	`size_bytes` integer NOT NULL,
	`zstd` blob NOT NULL
);
--> statement-breakpoint
CREATE TABLE `pairs` (
	`pair_key` text PRIMARY KEY NOT NULL,
	`repo` text NOT NULL,
	`task_id` integer NOT NULL,
	`features` text NOT NULL,
	`source` text NOT NULL,
	`file_jaccard` real NOT NULL,
	`shared_base_lines` integer NOT NULL,
	`shared_anchors` integer NOT NULL,
	`min_hunk_distance` integer,
	`same_scope` integer NOT NULL,
	`same_new_symbol` integer NOT NULL,
	`gold_naive` text,
	`gold_union` text,
	FOREIGN KEY (`repo`,`task_id`) REFERENCES `tasks`(`repo`,`task_id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `patches` (
	`hash` text PRIMARY KEY NOT NULL,
	`size_bytes` integer NOT NULL,
	`bytes` blob NOT NULL
);
--> statement-breakpoint
CREATE TABLE `runs` (
	`run` text PRIMARY KEY NOT NULL,
	`setting` text NOT NULL,
	`agent` text NOT NULL,
	`model` text,
	`config` text NOT NULL,
	`config_hash` text NOT NULL,
	`tandem_version` text NOT NULL,
	`bun_version` text NOT NULL,
	`git_version` text NOT NULL,
	`dataset_hash` text NOT NULL,
	`created_at` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `scores` (
	`attempt_key` text NOT NULL,
	`policy` text NOT NULL,
	`inputs_hash` text NOT NULL,
	`outcome` text NOT NULL,
	`path` text,
	`passed` integer NOT NULL,
	`cause` text,
	`scored_at` text NOT NULL,
	PRIMARY KEY(`attempt_key`, `policy`),
	FOREIGN KEY (`attempt_key`) REFERENCES `attempts`(`attempt_key`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `sides` (
	`attempt_key` text NOT NULL,
	`agent_id` text NOT NULL,
	`position` integer NOT NULL,
	`features` text NOT NULL,
	`status` text NOT NULL,
	`tree` text,
	`patch` text NOT NULL,
	`reason` text,
	`repairs` text NOT NULL,
	`left_out` text NOT NULL,
	PRIMARY KEY(`attempt_key`, `agent_id`),
	FOREIGN KEY (`attempt_key`) REFERENCES `attempts`(`attempt_key`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`patch`) REFERENCES `patches`(`hash`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `steps` (
	`attempt_key` text NOT NULL,
	`agent_id` text NOT NULL,
	`step` integer NOT NULL,
	`started_at` text NOT NULL,
	`model_ms` integer NOT NULL,
	`exec_ms` integer NOT NULL,
	`commands` integer NOT NULL,
	`exit_code` integer,
	`messages_sent` integer NOT NULL,
	`messages_received` integer NOT NULL,
	`input_tokens` integer NOT NULL,
	`output_tokens` integer NOT NULL,
	`cache_read_tokens` integer NOT NULL,
	`cache_write_tokens` integer NOT NULL,
	`reasoning_tokens` integer NOT NULL,
	`cost_usd` real,
	PRIMARY KEY(`attempt_key`, `agent_id`, `step`),
	FOREIGN KEY (`attempt_key`) REFERENCES `attempts`(`attempt_key`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `subset_pairs` (
	`subset` text NOT NULL,
	`position` integer NOT NULL,
	`pair_key` text NOT NULL,
	PRIMARY KEY(`subset`, `position`),
	FOREIGN KEY (`subset`) REFERENCES `subsets`(`name`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `subsets` (
	`name` text PRIMARY KEY NOT NULL,
	`description` text NOT NULL,
	`file_hash` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `suite_results` (
	`suite_key` text PRIMARY KEY NOT NULL,
	`repo` text NOT NULL,
	`task_id` integer NOT NULL,
	`feature_id` integer NOT NULL,
	`environment` text NOT NULL,
	`tree` text NOT NULL,
	`tests_patch` text NOT NULL,
	`runner_hash` text NOT NULL,
	`outcome` text NOT NULL,
	`exit_code` integer,
	`passed` integer NOT NULL,
	`failed` integer NOT NULL,
	`skipped` integer NOT NULL,
	`errors` integer NOT NULL,
	`tests` text NOT NULL,
	`output` text NOT NULL,
	`duration_ms` integer NOT NULL,
	`tested_at` text NOT NULL,
	FOREIGN KEY (`output`) REFERENCES `outputs`(`hash`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `tasks` (
	`repo` text NOT NULL,
	`task_id` integer NOT NULL,
	`source` text NOT NULL,
	`dir` text NOT NULL,
	`task_hash` text NOT NULL,
	`has_setup` integer NOT NULL,
	`has_run_tests` integer NOT NULL,
	`has_dockerfile` integer NOT NULL,
	`has_runner` integer NOT NULL,
	`problems` text NOT NULL,
	PRIMARY KEY(`repo`, `task_id`)
);
