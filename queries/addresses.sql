-- name: Addresses
-- description: Addresses of the machine by interface.
-- platforms: linux
-- tags: network inventory
SELECT a.interface, a.address, a.mask, d.mac, d.mtu
FROM interface_addresses AS a LEFT JOIN interface_details AS d ON d.interface = a.interface
ORDER BY a.interface
