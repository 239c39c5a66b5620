-- name: Loaded kernel modules
-- description: Modules with their size and who uses them.
-- platforms: linux
-- tags: kernel
SELECT name, size, used_by, status, address
FROM kernel_modules
ORDER BY name
