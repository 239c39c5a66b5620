-- name: Kernel settings that differ from the configuration
-- description: Parameters whose value in force is not the one that the files set.
-- platforms: linux
-- tags: kernel
SELECT name, current_value, config_value
FROM system_controls
WHERE config_value != '' AND config_value != current_value
