-- A database as the first Storeroom left it: its ledger is at storeroom_0001_ledger, with two plugins and their rows.
CREATE TABLE public.alpha (
    id integer NOT NULL,
    name character varying(50) NOT NULL
);
CREATE SEQUENCE public.alpha_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.alpha_id_seq OWNED BY public.alpha.id;
CREATE TABLE public.beta (
    id integer NOT NULL,
    alpha_id integer
);
CREATE SEQUENCE public.beta_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.beta_id_seq OWNED BY public.beta.id;
CREATE TABLE public.storeroom_objects (
    kind character varying(5) NOT NULL,
    name character varying(128) NOT NULL,
    plugin character varying(128) NOT NULL,
    table_name character varying(128) NOT NULL,
    drop_position integer NOT NULL,
    CONSTRAINT ck_storeroom_objects_kind CHECK (((kind)::text = ANY ((ARRAY['table'::character varying, 'index'::character varying])::text[])))
);
CREATE TABLE public.storeroom_plugins (
    name character varying(128) NOT NULL,
    head character varying(32) NOT NULL,
    distribution character varying(128),
    version character varying(128),
    installed_at timestamp with time zone NOT NULL,
    upgraded_at timestamp with time zone NOT NULL
);
CREATE TABLE public.storeroom_requirements (
    plugin character varying(128) NOT NULL,
    revision character varying(32) NOT NULL,
    required_plugin character varying(128) NOT NULL,
    required_revision character varying(32) NOT NULL
);
CREATE TABLE public.storeroom_revisions (
    plugin character varying(128) NOT NULL,
    revision character varying(32) NOT NULL,
    "position" integer NOT NULL,
    message character varying NOT NULL,
    applied_at timestamp with time zone NOT NULL
);
ALTER TABLE ONLY public.alpha ALTER COLUMN id SET DEFAULT nextval('public.alpha_id_seq'::regclass);
ALTER TABLE ONLY public.beta ALTER COLUMN id SET DEFAULT nextval('public.beta_id_seq'::regclass);
INSERT INTO public.alpha VALUES (1, 'one');
INSERT INTO public.alpha VALUES (2, 'zwei');
INSERT INTO public.alpha VALUES (3, 'it''s three');
INSERT INTO public.beta VALUES (1, 1);
INSERT INTO public.beta VALUES (2, 3);
INSERT INTO public.beta VALUES (3, NULL);
INSERT INTO public.storeroom_objects VALUES ('index', 'ix_storeroom_objects_plugin', 'storeroom', 'storeroom_objects', 1);
INSERT INTO public.storeroom_objects VALUES ('table', 'storeroom_objects', 'storeroom', 'storeroom_objects', 2);
INSERT INTO public.storeroom_objects VALUES ('table', 'storeroom_requirements', 'storeroom', 'storeroom_requirements', 3);
INSERT INTO public.storeroom_objects VALUES ('table', 'storeroom_revisions', 'storeroom', 'storeroom_revisions', 4);
INSERT INTO public.storeroom_objects VALUES ('table', 'storeroom_plugins', 'storeroom', 'storeroom_plugins', 5);
INSERT INTO public.storeroom_objects VALUES ('index', 'ix_alpha_name', 'alpha', 'alpha', 1);
INSERT INTO public.storeroom_objects VALUES ('table', 'alpha', 'alpha', 'alpha', 2);
INSERT INTO public.storeroom_objects VALUES ('table', 'beta', 'beta', 'beta', 1);
INSERT INTO public.storeroom_plugins VALUES ('storeroom', 'storeroom_0001_ledger', 'storeroom', '0.1.0', '2026-11-24 16:47:31.949549+00', '2026-11-24 16:47:31.949549+00');
INSERT INTO public.storeroom_plugins VALUES ('alpha', 'alpha_0002', 'storeroom-alpha', '1.0', '2026-11-24 16:47:31.949549+00', '2026-11-24 16:47:31.949549+00');
INSERT INTO public.storeroom_plugins VALUES ('beta', 'beta_0001', 'storeroom-beta', '1.0', '2026-11-24 16:47:31.949549+00', '2026-11-24 16:47:31.949549+00');
INSERT INTO public.storeroom_requirements VALUES ('beta', 'beta_0001', 'alpha', 'alpha_0001');
INSERT INTO public.storeroom_revisions VALUES ('storeroom', 'storeroom_0001_ledger', 1, 'Create the ledger.', '2026-11-24 16:47:31.949549+00');
INSERT INTO public.storeroom_revisions VALUES ('alpha', 'alpha_0001', 1, 'Change something.', '2026-11-24 16:47:31.949549+00');
INSERT INTO public.storeroom_revisions VALUES ('alpha', 'alpha_0002', 2, 'Change something.', '2026-11-24 16:47:31.949549+00');
INSERT INTO public.storeroom_revisions VALUES ('beta', 'beta_0001', 1, 'Change something.', '2026-11-24 16:47:31.949549+00');
SELECT pg_catalog.setval('public.alpha_id_seq', 1, false);
SELECT pg_catalog.setval('public.beta_id_seq', 1, false);
ALTER TABLE ONLY public.alpha
    ADD CONSTRAINT alpha_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.beta
    ADD CONSTRAINT beta_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.storeroom_objects
    ADD CONSTRAINT pk_storeroom_objects PRIMARY KEY (kind, name);
ALTER TABLE ONLY public.storeroom_plugins
    ADD CONSTRAINT pk_storeroom_plugins PRIMARY KEY (name);
ALTER TABLE ONLY public.storeroom_requirements
    ADD CONSTRAINT pk_storeroom_requirements PRIMARY KEY (plugin, revision, required_plugin, required_revision);
ALTER TABLE ONLY public.storeroom_revisions
    ADD CONSTRAINT pk_storeroom_revisions PRIMARY KEY (plugin, revision);
CREATE INDEX ix_alpha_name ON public.alpha USING btree (name);
CREATE INDEX ix_storeroom_objects_plugin ON public.storeroom_objects USING btree (plugin);
ALTER TABLE ONLY public.beta
    ADD CONSTRAINT beta_alpha_id_fkey FOREIGN KEY (alpha_id) REFERENCES public.alpha(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.storeroom_objects
    ADD CONSTRAINT fk_storeroom_objects_plugin_storeroom_plugins FOREIGN KEY (plugin) REFERENCES public.storeroom_plugins(name) ON DELETE CASCADE;
ALTER TABLE ONLY public.storeroom_requirements
    ADD CONSTRAINT fk_storeroom_requirements_plugin_revision_storeroom_revisions FOREIGN KEY (plugin, revision) REFERENCES public.storeroom_revisions(plugin, revision) ON DELETE CASCADE;
ALTER TABLE ONLY public.storeroom_revisions
    ADD CONSTRAINT fk_storeroom_revisions_plugin_storeroom_plugins FOREIGN KEY (plugin) REFERENCES public.storeroom_plugins(name) ON DELETE CASCADE;
