//! The tables of identity, in the order in which they came to be.

use kit::db::Migration;

/// Every step of identity's schema.
pub(crate) const MIGRATIONS: &[Migration] = &[
    ACCOUNTS,
    crate::oauth::MIGRATION,
    crate::oauth::CLIENTS,
    crate::factors::MIGRATION,
    crate::factors::PASSKEYS,
    crate::oauth::WIRE,
    crate::oauth::KEYS,
    crate::oauth::APPS,
    crate::factors::CODES,
    ADMIN,
    crate::login::THROTTLE,
    crate::upstream::MIGRATION,
    RESERVED_NAMES,
    crate::login::SECOND_MISSES,
    crate::oauth::GRANTS_END,
    crate::addresses::MIGRATION,
    INVITATIONS,
    crate::oauth::TOLD_BLOCKED,
];

const ACCOUNTS: Migration = Migration {
    name: "0001_accounts",
    sql: include_str!("../migrations/0001_accounts.sql"),
    sqlite: &[
        "CREATE TRIGGER audit_keep_update BEFORE UPDATE ON audit \
         BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END",
        "CREATE TRIGGER audit_keep_delete BEFORE DELETE ON audit \
         BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END",
    ],
    postgres: &[
        "CREATE FUNCTION audit_keep_row() RETURNS trigger LANGUAGE plpgsql AS \
         $$ BEGIN RAISE EXCEPTION 'the audit is append-only'; END $$",
        "CREATE TRIGGER audit_keep BEFORE UPDATE OR DELETE ON audit \
         FOR EACH ROW EXECUTE FUNCTION audit_keep_row()",
    ],
};

/// Names of those who have not confirmed their address yet.
const RESERVED_NAMES: Migration = Migration {
    name: "0280_reserved_names",
    sql: include_str!("../migrations/0280_reserved_names.sql"),
    sqlite: &[],
    postgres: &[],
};

/// Accounts that wait for somebody who was invited.
const INVITATIONS: Migration = Migration {
    name: "0315_invitations",
    sql: include_str!("../migrations/0315_invitations.sql"),
    sqlite: &[],
    postgres: &[],
};

/// Access levels, and an audit that ends somewhere.
const ADMIN: Migration = Migration {
    name: "0240_admin",
    sql: include_str!("../migrations/0240_admin.sql"),
    sqlite: &[
        "DROP TRIGGER audit_keep_delete",
        "CREATE TRIGGER audit_keep_delete BEFORE DELETE ON audit \
         WHEN OLD.seq > COALESCE((SELECT seq FROM audit_start), 0) \
         BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END",
    ],
    postgres: &["CREATE OR REPLACE FUNCTION audit_keep_row() RETURNS trigger LANGUAGE plpgsql AS \
         $$ BEGIN IF TG_OP = 'DELETE' THEN \
         IF OLD.seq <= COALESCE((SELECT seq FROM audit_start), 0) THEN RETURN OLD; END IF; \
         END IF; RAISE EXCEPTION 'the audit is append-only'; END $$"],
};
