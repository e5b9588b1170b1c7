CREATE TABLE `controls` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`at` text NOT NULL,
	`scope` text NOT NULL,
	`name` text NOT NULL,
	`verb` text NOT NULL,
	`unit` text,
	`concurrency` integer,
	`asked_by` text NOT NULL,
	`applied_at` text,
	`applied_by` text
);
--> statement-breakpoint
CREATE INDEX `controls_by_name` ON `controls` (`scope`,`name`);--> statement-breakpoint
CREATE TABLE `workers` (
	`queue` text NOT NULL,
	`worker` text NOT NULL,
	`host` text NOT NULL,
	`pid` integer NOT NULL,
	`version` text NOT NULL,
	`slots` integer NOT NULL,
	`busy` integer NOT NULL,
	`units` integer NOT NULL,
	`images` text NOT NULL,
	`faults` text NOT NULL,
	`state` text NOT NULL,
	`note` text,
	`started_at` text NOT NULL,
	`heard_at` text NOT NULL,
	`ended_at` text,
	PRIMARY KEY(`queue`, `worker`)
);
--> statement-breakpoint
ALTER TABLE `journal` ADD `claim` integer;--> statement-breakpoint
ALTER TABLE `journal` ADD `worker` text;--> statement-breakpoint
ALTER TABLE `journal` ADD `delivery` text;--> statement-breakpoint
ALTER TABLE `leases` ADD `claim` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `leases` ADD `worker` text;--> statement-breakpoint
ALTER TABLE `leases` ADD `delivery` text;--> statement-breakpoint
ALTER TABLE `processes` ADD `runs` text DEFAULT '[]' NOT NULL;--> statement-breakpoint
ALTER TABLE `processes` ADD `concurrency` integer;--> statement-breakpoint
ALTER TABLE `processes` ADD `control_id` integer DEFAULT 0 NOT NULL;