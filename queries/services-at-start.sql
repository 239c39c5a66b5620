-- name: Services that start with the machine
-- description: Enabled units of systemd.
-- platforms: linux
-- tags: services autoruns
SELECT id, description, active_state, sub_state, fragment_path
FROM systemd_units
WHERE id LIKE '%.service' AND unit_file_state = 'enabled'
ORDER BY id
