ALTER TABLE `agents` ADD `taken` text;--> statement-breakpoint
ALTER TABLE `sides` ADD `marked` text DEFAULT '[]' NOT NULL;