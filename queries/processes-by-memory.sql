-- name: Largest processes
-- description: The ten processes that hold the most memory.
-- platforms: linux
-- tags: system performance
SELECT pid, name, path, resident_size, threads
FROM processes
ORDER BY resident_size DESC
LIMIT 10
