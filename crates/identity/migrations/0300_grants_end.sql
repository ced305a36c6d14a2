-- What a grant leaves is looked for before it is removed, every few minutes.
CREATE INDEX codes_grant ON codes (grant_id);
CREATE INDEX grants_created ON grants (created_at);
CREATE INDEX logout_deliveries_done ON logout_deliveries (client_id, done_at, next_at);
