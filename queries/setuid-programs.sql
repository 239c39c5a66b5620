-- name: Programs that run with their owner's rights
-- description: Setuid and setgid files in the places of programs.
-- platforms: linux
-- tags: files
SELECT path, username, groupname, permissions
FROM suid_bin
ORDER BY path
