-- name: Connections to elsewhere
-- description: Sockets that are connected with another machine, by program.
-- platforms: linux
-- tags: network
SELECT p.name, s.remote_address, s.remote_port, count(*) AS connections
FROM process_open_sockets AS s JOIN processes AS p ON p.pid = s.pid
WHERE s.remote_port != 0 AND s.remote_address NOT LIKE '127.%' AND s.remote_address != '::1'
GROUP BY p.name, s.remote_address, s.remote_port
ORDER BY connections DESC
