-- A database as the first Storeroom left it: its ledger is at storeroom_0001_ledger, with two plugins and their rows.
BEGIN TRANSACTION;
CREATE TABLE alpha (
	id INTEGER NOT NULL,
	name VARCHAR(50) NOT NULL,
	PRIMARY KEY (id)
);
INSERT INTO "alpha" VALUES(1,'one');
INSERT INTO "alpha" VALUES(2,'zwei');
INSERT INTO "alpha" VALUES(3,'it''s three');
CREATE TABLE beta (
	id INTEGER NOT NULL,
	alpha_id INTEGER,
	PRIMARY KEY (id),
	FOREIGN KEY(alpha_id) REFERENCES alpha (id) ON DELETE CASCADE
);
INSERT INTO "beta" VALUES(1,1);
INSERT INTO "beta" VALUES(2,3);
INSERT INTO "beta" VALUES(3,NULL);
CREATE TABLE storeroom_objects (
	kind VARCHAR(5) NOT NULL,
	name VARCHAR(128) NOT NULL,
	plugin VARCHAR(128) NOT NULL,
	table_name VARCHAR(128) NOT NULL,
	drop_position INTEGER NOT NULL,
	CONSTRAINT pk_storeroom_objects PRIMARY KEY (kind, name),
	CONSTRAINT fk_storeroom_objects_plugin_storeroom_plugins FOREIGN KEY(plugin) REFERENCES storeroom_plugins (name) ON DELETE CASCADE,
	CONSTRAINT ck_storeroom_objects_kind CHECK (kind IN ('table', 'index'))
);
INSERT INTO "storeroom_objects" VALUES('index','ix_storeroom_objects_plugin','storeroom','storeroom_objects',1);
INSERT INTO "storeroom_objects" VALUES('table','storeroom_objects','storeroom','storeroom_objects',2);
INSERT INTO "storeroom_objects" VALUES('table','storeroom_requirements','storeroom','storeroom_requirements',3);
INSERT INTO "storeroom_objects" VALUES('table','storeroom_revisions','storeroom','storeroom_revisions',4);
INSERT INTO "storeroom_objects" VALUES('table','storeroom_plugins','storeroom','storeroom_plugins',5);
INSERT INTO "storeroom_objects" VALUES('index','ix_alpha_name','alpha','alpha',1);
INSERT INTO "storeroom_objects" VALUES('table','alpha','alpha','alpha',2);
INSERT INTO "storeroom_objects" VALUES('table','beta','beta','beta',1);
CREATE TABLE storeroom_plugins (
	name VARCHAR(128) NOT NULL,
	head VARCHAR(32) NOT NULL,
	distribution VARCHAR(128),
	version VARCHAR(128),
	installed_at DATETIME NOT NULL,
	upgraded_at DATETIME NOT NULL,
	CONSTRAINT pk_storeroom_plugins PRIMARY KEY (name)
);
INSERT INTO "storeroom_plugins" VALUES('storeroom','storeroom_0001_ledger','storeroom','0.1.0','2026-11-24 16:47:31.384943','2026-11-24 16:47:31.384943');
INSERT INTO "storeroom_plugins" VALUES('alpha','alpha_0002','storeroom-alpha','1.0','2026-11-24 16:47:31.384943','2026-11-24 16:47:31.384943');
INSERT INTO "storeroom_plugins" VALUES('beta','beta_0001','storeroom-beta','1.0','2026-11-24 16:47:31.384943','2026-11-24 16:47:31.384943');
CREATE TABLE storeroom_requirements (
	plugin VARCHAR(128) NOT NULL,
	revision VARCHAR(32) NOT NULL,
	required_plugin VARCHAR(128) NOT NULL,
	required_revision VARCHAR(32) NOT NULL,
	CONSTRAINT pk_storeroom_requirements PRIMARY KEY (plugin, revision, required_plugin, required_revision),
	CONSTRAINT fk_storeroom_requirements_plugin_revision_storeroom_revisions FOREIGN KEY(plugin, revision) REFERENCES storeroom_revisions (plugin, revision) ON DELETE CASCADE
);
INSERT INTO "storeroom_requirements" VALUES('beta','beta_0001','alpha','alpha_0001');
CREATE TABLE storeroom_revisions (
	plugin VARCHAR(128) NOT NULL,
	revision VARCHAR(32) NOT NULL,
	position INTEGER NOT NULL,
	message VARCHAR NOT NULL,
	applied_at DATETIME NOT NULL,
	CONSTRAINT pk_storeroom_revisions PRIMARY KEY (plugin, revision),
	CONSTRAINT fk_storeroom_revisions_plugin_storeroom_plugins FOREIGN KEY(plugin) REFERENCES storeroom_plugins (name) ON DELETE CASCADE
);
INSERT INTO "storeroom_revisions" VALUES('storeroom','storeroom_0001_ledger',1,'Create the ledger.','2026-11-24 16:47:31.384943');
INSERT INTO "storeroom_revisions" VALUES('alpha','alpha_0001',1,'Change something.','2026-11-24 16:47:31.384943');
INSERT INTO "storeroom_revisions" VALUES('alpha','alpha_0002',2,'Change something.','2026-11-24 16:47:31.384943');
INSERT INTO "storeroom_revisions" VALUES('beta','beta_0001',1,'Change something.','2026-11-24 16:47:31.384943');
CREATE INDEX ix_storeroom_objects_plugin ON storeroom_objects (plugin);
CREATE INDEX ix_alpha_name ON alpha (name);
COMMIT;
