package network

import "github.com/tenantra/tenantra/tables"

// Tables lists the tables of this package by name.
var Tables = []*tables.Table{
	EtcHosts,
	InterfaceAddresses,
	InterfaceDetails,
	ListeningPorts,
	Routes,
}
