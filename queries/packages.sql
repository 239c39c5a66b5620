-- name: Installed packages
-- description: Packages of Debian and RPM systems in one list.
-- platforms: linux
-- tags: inventory
SELECT name, version, arch, 'deb' AS kind FROM deb_packages
UNION ALL
SELECT name, version || '-' || release, arch, 'rpm' FROM rpm_packages
ORDER BY name
