ALTER TABLE `attempts` ADD `server` text;--> statement-breakpoint
ALTER TABLE `faults` ADD `unpriced` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `faults` ADD `cut_off` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `faults` ADD `dearest_usd` real;--> statement-breakpoint
ALTER TABLE `journal` ADD `unpriced` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `journal` ADD `cut_off` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `journal` ADD `dearest_usd` real;--> statement-breakpoint
ALTER TABLE `superseded` ADD `unpriced` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `superseded` ADD `cut_off` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `superseded` ADD `dearest_usd` real;