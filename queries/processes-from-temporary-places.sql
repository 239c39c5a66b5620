-- name: Programs run from temporary places
-- description: Processes whose program lies where everyone may write.
-- platforms: linux darwin
-- tags: threat
SELECT pid, name, path, uid, start_time
FROM processes
WHERE path LIKE '/tmp/%' OR path LIKE '/var/tmp/%' OR path LIKE '/dev/shm/%'
