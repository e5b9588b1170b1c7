CREATE TABLE `earlier_scores` (
	`attempt_key` text NOT NULL,
	`policy` text NOT NULL,
	`inputs_hash` text NOT NULL,
	`outcome` text NOT NULL,
	`path` text,
	`passed` integer NOT NULL,
	`cause` text,
	`scored_at` text NOT NULL,
	`replaced_at` text NOT NULL,
	PRIMARY KEY(`attempt_key`, `policy`, `replaced_at`),
	FOREIGN KEY (`attempt_key`) REFERENCES `attempts`(`attempt_key`) ON UPDATE no action ON DELETE cascade
);
