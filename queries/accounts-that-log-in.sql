-- name: Accounts that can log in
-- description: Local accounts with a shell.
-- platforms: linux
-- tags: identity
SELECT username, uid, gid, directory, shell
FROM users
WHERE shell NOT LIKE '%/nologin' AND shell NOT LIKE '%/false' AND shell NOT IN ('', '/bin/sync', '/sbin/shutdown', '/sbin/halt')
ORDER BY uid
