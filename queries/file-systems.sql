-- name: Room on file systems
-- description: How full each file system is.
-- platforms: linux darwin
-- tags: system
SELECT path, type, device, round(100.0 * (blocks - blocks_available) / blocks, 1) AS used_percent,
  blocks_available * blocks_size / 1073741824 AS free_gib
FROM mounts
WHERE blocks > 0
ORDER BY used_percent DESC
