-- name: Failed services
-- description: Units of systemd that ended with an error.
-- platforms: linux
-- tags: services
SELECT id, description, active_state, sub_state, fragment_path
FROM systemd_units
WHERE active_state = 'failed'
