-- name: Settings changed in the last week
-- description: Files directly in /etc that changed in the last seven days.
-- platforms: linux darwin
-- tags: files drift
SELECT path, mode, uid, datetime(mtime, 'unixepoch') AS changed
FROM file
WHERE directory = '/etc' AND type = 'regular' AND mtime > strftime('%s', 'now') - 7 * 86400
ORDER BY mtime DESC
