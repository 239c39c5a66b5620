-- name: Administrators
-- description: Members of the groups that may become root.
-- platforms: linux
-- tags: identity
SELECT g.groupname, u.username, u.uid
FROM groups AS g JOIN user_groups AS ug ON ug.gid = g.gid JOIN users AS u ON u.uid = ug.uid
WHERE g.groupname IN ('sudo', 'wheel', 'admin', 'root', 'docker')
ORDER BY g.groupname, u.username
