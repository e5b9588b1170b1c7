CREATE TABLE `edition_tasks` (
	`edition` text NOT NULL,
	`repo` text NOT NULL,
	`task_id` integer NOT NULL,
	`task_hash` text NOT NULL,
	PRIMARY KEY(`edition`, `repo`, `task_id`),
	FOREIGN KEY (`edition`) REFERENCES `editions`(`hash`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `editions` (
	`hash` text PRIMARY KEY NOT NULL,
	`source` text NOT NULL,
	`name` text,
	`origin` text NOT NULL,
	`revision` text,
	`dir` text NOT NULL,
	`fetched_at` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `editions_name_unique` ON `editions` (`name`);--> statement-breakpoint
CREATE TABLE `feature_versions` (
	`task_hash` text NOT NULL,
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
	PRIMARY KEY(`repo`, `task_id`, `task_hash`, `feature_id`),
	FOREIGN KEY (`gold_patch`) REFERENCES `patches`(`hash`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`tests_patch`) REFERENCES `patches`(`hash`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `pair_versions` (
	`pair_key` text NOT NULL,
	`task_hash` text NOT NULL,
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
	PRIMARY KEY(`pair_key`, `task_hash`)
);
--> statement-breakpoint
CREATE TABLE `task_versions` (
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
	`files` text NOT NULL,
	PRIMARY KEY(`repo`, `task_id`, `task_hash`)
);
--> statement-breakpoint
ALTER TABLE `runs` ADD `edition` text;--> statement-breakpoint
ALTER TABLE `suite_results` ADD `task_hash` text;--> statement-breakpoint
INSERT INTO `editions` SELECT value, substr(name, 14), NULL, COALESCE((SELECT value FROM meta WHERE name = 'dataset_origin' AND m.name = 'dataset_hash:dataset'), 'unknown'), NULL, '', strftime('%Y-%m-%dT%H:%M:%fZ', 'now') FROM meta m WHERE name IN ('dataset_hash:dataset', 'dataset_hash:demo');--> statement-breakpoint
INSERT INTO `edition_tasks` SELECT e.hash, t.repo, t.task_id, t.task_hash FROM tasks t JOIN editions e ON e.source = t.source;--> statement-breakpoint
INSERT INTO `task_versions` SELECT repo, task_id, source, dir, task_hash, has_setup, has_run_tests, has_dockerfile, has_runner, problems, '{}' FROM tasks;--> statement-breakpoint
INSERT INTO `feature_versions` SELECT t.task_hash, f.repo, f.task_id, f.feature_id, f.title, f.description, f.gold_patch, f.tests_patch, f.changed_lines, f.files, f.hunks FROM features f JOIN tasks t USING (repo, task_id);--> statement-breakpoint
INSERT INTO `pair_versions` SELECT p.pair_key, t.task_hash, p.repo, p.task_id, p.features, p.source, p.file_jaccard, p.shared_base_lines, p.shared_anchors, p.min_hunk_distance, p.same_scope, p.same_new_symbol, p.gold_naive, p.gold_union FROM pairs p JOIN tasks t USING (repo, task_id);
