-- name: Processes whose program was deleted
-- description: A program that runs and is no longer on disk was updated, or hides.
-- platforms: linux
-- tags: threat
SELECT pid, name, path, uid, start_time
FROM processes
WHERE on_disk = 0
