ALTER TABLE `checks` ADD `unknown` integer DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE `checks` ADD `cause` text;--> statement-breakpoint
ALTER TABLE `suite_results` ADD `limits` text;