-- name: Programs that listen
-- description: Every socket that waits for others, with the program behind it.
-- platforms: linux
-- tags: network exposure
SELECT l.address, l.port, l.protocol, p.name, p.path, p.uid
FROM listening_ports AS l LEFT JOIN processes AS p ON p.pid = l.pid
WHERE l.port != 0
ORDER BY l.port
