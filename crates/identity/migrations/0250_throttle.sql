-- Whose wrong passwords are counted, on whatever device: a reset by mail forgets them all.
ALTER TABLE throttle ADD COLUMN user_id UUID;
CREATE INDEX throttle_user ON throttle (user_id);
