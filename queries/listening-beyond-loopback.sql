-- name: Listening to the network
-- description: Sockets that more than this machine itself can reach.
-- platforms: linux
-- tags: network exposure
SELECT DISTINCT l.address, l.port, l.protocol, p.name, p.path
FROM listening_ports AS l LEFT JOIN processes AS p ON p.pid = l.pid
WHERE l.port != 0 AND l.address NOT LIKE '127.%' AND l.address != '::1'
ORDER BY l.port
