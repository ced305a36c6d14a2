-- One key of an algorithm signs and at most one waits, whoever makes them.
CREATE UNIQUE INDEX signing_keys_one ON signing_keys (alg, state)
    WHERE state IN ('next', 'active');
