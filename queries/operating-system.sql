-- name: Operating system
-- description: What the machine runs, since when, on what hardware.
-- platforms: linux
-- tags: inventory
SELECT s.hostname, o.name, o.version, k.version AS kernel, u.total_seconds / 86400 AS days_up, s.cpu_brand, s.physical_memory / 1073741824 AS memory_gib
FROM os_version AS o, kernel_info AS k, system_info AS s, uptime AS u
