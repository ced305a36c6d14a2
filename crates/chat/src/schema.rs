//! The tables of chat, in the order in which they came to be.

use kit::db::Migration;

/// Every step of chat's schema.
pub(crate) const MIGRATIONS: &[Migration] = &[
    Migration {
        name: "0001_rooms",
        sql: include_str!("migrations/0001_rooms.sql"),
        sqlite: &[
            "CREATE TRIGGER revisions_keep_update BEFORE UPDATE ON revisions \
             BEGIN SELECT RAISE(ABORT, 'revisions are append-only'); END",
            "CREATE TRIGGER revisions_keep_delete BEFORE DELETE ON revisions \
             BEGIN SELECT RAISE(ABORT, 'revisions are append-only'); END",
            "CREATE TRIGGER events_keep_update BEFORE UPDATE ON events \
             BEGIN SELECT RAISE(ABORT, 'events are append-only'); END",
            "CREATE TRIGGER events_keep_delete BEFORE DELETE ON events \
             BEGIN SELECT RAISE(ABORT, 'events are append-only'); END",
        ],
        postgres: &[
            "CREATE FUNCTION keep_row() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$",
            "CREATE TRIGGER revisions_keep BEFORE UPDATE OR DELETE ON revisions \
             FOR EACH ROW EXECUTE FUNCTION keep_row()",
            "CREATE TRIGGER events_keep BEFORE UPDATE OR DELETE ON events \
             FOR EACH ROW EXECUTE FUNCTION keep_row()",
        ],
    },
    Migration {
        name: "0002_sign_in",
        sql: include_str!("migrations/0002_sign_in.sql"),
        sqlite: &[],
        postgres: &[],
    },
    Migration {
        name: "0010_mentions",
        sql: include_str!("migrations/0010_mentions.sql"),
        sqlite: &[],
        postgres: &[],
    },
    Migration {
        name: "0011_threads",
        sql: include_str!("migrations/0011_threads.sql"),
        sqlite: &[],
        postgres: &[],
    },
    Migration {
        name: "0012_presence",
        sql: include_str!("migrations/0012_presence.sql"),
        sqlite: &[],
        postgres: &[],
    },
    Migration {
        name: "0013_reactions",
        sql: include_str!("migrations/0013_reactions.sql"),
        sqlite: &[],
        postgres: &[],
    },
    Migration {
        name: "0014_drafts",
        sql: include_str!("migrations/0014_drafts.sql"),
        sqlite: &[],
        postgres: &[],
    },
    Migration {
        name: "0015_notices",
        sql: include_str!("migrations/0015_notices.sql"),
        sqlite: &[],
        postgres: &[],
    },
    Migration { name: "0030_jobs", sql: kit::jobs::SCHEMA, sqlite: &[], postgres: &[] },
    Migration {
        name: "0031_clips",
        sql: include_str!("migrations/0031_clips.sql"),
        sqlite: &[],
        postgres: &[],
    },
    Migration {
        name: "0050_delivery",
        sql: include_str!("migrations/0050_delivery.sql"),
        sqlite: &[],
        postgres: &[],
    },
    Migration {
        name: "0051_files",
        sql: include_str!("migrations/0051_files.sql"),
        sqlite: &[],
        postgres: &[],
    },
    Migration {
        name: "0052_file_blobs",
        sql: include_str!("migrations/0052_file_blobs.sql"),
        sqlite: &[],
        postgres: &[],
    },
    Migration {
        name: "0053_pictures",
        sql: include_str!("migrations/0053_pictures.sql"),
        sqlite: &[],
        postgres: &[],
    },
    Migration {
        name: "0070_mail",
        sql: include_str!("migrations/0070_mail.sql"),
        sqlite: &[],
        postgres: &[],
    },
    Migration {
        name: "0080_previews",
        sql: include_str!("migrations/0080_previews.sql"),
        sqlite: &[],
        postgres: &[],
    },
    Migration {
        name: "0081_reactions_told",
        sql: include_str!("migrations/0081_reactions_told.sql"),
        sqlite: &[],
        postgres: &[],
    },
    Migration {
        name: "0082_mail_text",
        sql: include_str!("migrations/0082_mail_text.sql"),
        sqlite: &[],
        postgres: &[],
    },
    Migration {
        name: "0090_people_by_name",
        sql: include_str!("migrations/0090_people_by_name.sql"),
        sqlite: &[],
        // The same order as SQLite has, whatever the locale of the server.
        postgres: &["ALTER TABLE people ALTER COLUMN name_order TYPE TEXT COLLATE \"C\""],
    },
    Migration {
        name: "0091_saved",
        sql: include_str!("migrations/0091_saved.sql"),
        sqlite: &[],
        postgres: &[],
    },
    Migration {
        name: "0092_unsaved",
        sql: include_str!("migrations/0092_unsaved.sql"),
        sqlite: &[],
        postgres: &[],
    },
];
