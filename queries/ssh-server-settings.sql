-- name: Settings of the SSH server
-- description: What sshd takes, with the file and line that says so.
-- platforms: linux
-- tags: network compliance
SELECT keyword, value, match, source, path, line
FROM sshd_config
ORDER BY match, keyword
