// Package network tells how a machine is reachable: listening sockets, interfaces, routes and the files that name hosts.
package network
