-- What apps of others say about themselves (RFC 7591 section 2), and how they prove who they are.
ALTER TABLE clients ADD COLUMN kind TEXT NOT NULL DEFAULT 'static';
ALTER TABLE clients ADD COLUMN application_type TEXT NOT NULL DEFAULT 'web';
ALTER TABLE clients ADD COLUMN grant_types TEXT NOT NULL
    DEFAULT 'authorization_code refresh_token';
ALTER TABLE clients ADD COLUMN jwks TEXT;
ALTER TABLE clients ADD COLUMN jwks_uri TEXT;
ALTER TABLE clients ADD COLUMN client_uri TEXT;
ALTER TABLE clients ADD COLUMN logo_uri TEXT;
ALTER TABLE clients ADD COLUMN policy_uri TEXT;
ALTER TABLE clients ADD COLUMN tos_uri TEXT;
ALTER TABLE clients ADD COLUMN require_par BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE clients ADD COLUMN require_dpop BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE clients ADD COLUMN id_token_alg TEXT NOT NULL DEFAULT 'ES256';
ALTER TABLE clients ADD COLUMN owner_id UUID;
ALTER TABLE clients ADD COLUMN registration_hash BYTEA;
ALTER TABLE clients ADD COLUMN last_used_at BIGINT;
CREATE INDEX clients_owner ON clients (owner_id);
