-- name: Jobs of cron
-- description: What runs when, from system and personal crontabs.
-- platforms: linux
-- tags: autoruns
SELECT path, minute, hour, day_of_month, month, day_of_week, event, command
FROM crontab
ORDER BY path
