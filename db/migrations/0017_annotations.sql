CREATE TABLE `annotations` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`attempt_key` text NOT NULL,
	`subject` text NOT NULL,
	`measure` text,
	`label` text,
	`note` text,
	`annotated_by` text NOT NULL,
	`annotated_at` text NOT NULL,
	FOREIGN KEY (`attempt_key`) REFERENCES `attempts`(`attempt_key`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `annotations_by_attempt` ON `annotations` (`attempt_key`);