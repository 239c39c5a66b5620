-- name: Who is logged in
-- description: Sessions of people, with where they come from.
-- platforms: linux
-- tags: identity
SELECT user, tty, host, datetime(time, 'unixepoch') AS since
FROM logged_in_users
WHERE type = 'user'
ORDER BY time
