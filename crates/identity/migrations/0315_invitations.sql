-- When somebody who administers made an account for its person, who has not chosen a password yet:
-- a sign-up with the same address does not take its place.
ALTER TABLE users ADD COLUMN invited_at BIGINT;
UPDATE users SET invited_at = created_at WHERE status = 'pending'
    AND id NOT IN (SELECT user_id FROM passwords)
    AND id IN (SELECT user_id FROM action_tokens WHERE kind = 'reset');
