ALTER TABLE `imported` ADD `error` text;--> statement-breakpoint
ALTER TABLE `imported` ADD `alone` text;--> statement-breakpoint
ALTER TABLE `imported` ADD `reads_kept` integer DEFAULT false NOT NULL;