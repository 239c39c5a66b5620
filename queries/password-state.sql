-- name: Passwords
-- description: Whether each account has a password, how it is hashed and how long it lasts.
-- platforms: linux
-- tags: identity
SELECT username, password_status, hash_alg, date(last_change * 86400, 'unixepoch') AS changed, max AS lasts_days
FROM shadow
ORDER BY password_status, username
