ALTER TABLE `agents` ADD `known_usd` real;--> statement-breakpoint
ALTER TABLE `agents` ADD `unpriced` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `agents` ADD `cut_off` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `agents` ADD `dearest_usd` real;--> statement-breakpoint
ALTER TABLE `attempts` ADD `server` text;--> statement-breakpoint
ALTER TABLE `faults` ADD `unpriced` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `faults` ADD `cut_off` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `faults` ADD `dearest_usd` real;--> statement-breakpoint
ALTER TABLE `journal` ADD `unpriced` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `journal` ADD `cut_off` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `journal` ADD `dearest_usd` real;--> statement-breakpoint
ALTER TABLE `superseded` ADD `unpriced` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `superseded` ADD `cut_off` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `superseded` ADD `dearest_usd` real;--> statement-breakpoint
UPDATE `agents` SET `dearest_usd` = (SELECT max(cost_usd) FROM calls c WHERE c.attempt_key = agents.attempt_key AND c.agent_id = agents.agent_id);--> statement-breakpoint
UPDATE `agents` SET `known_usd` = (SELECT sum(cost_usd) FROM calls c WHERE c.attempt_key = agents.attempt_key AND c.agent_id = agents.agent_id), `unpriced` = (SELECT count(*) FROM calls c WHERE c.attempt_key = agents.attempt_key AND c.agent_id = agents.agent_id AND c.cost_usd IS NULL) WHERE cost_usd IS NULL;
