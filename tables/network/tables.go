package network

import "github.com/tenantra/tenantra/tables"

// Tables lists the tables of this package by name.
var Tables = []*tables.Table{
	ARPCache,
	Connectivity,
	Curl,
	CurlCertificate,
	DNSCache,
	DNSResolvers,
	EtcHosts,
	EtcProtocols,
	EtcServices,
	InterfaceAddresses,
	InterfaceDetails,
	InterfaceIPv6,
	Iptables,
	ListeningPorts,
	PrometheusMetrics,
	Routes,
	SharedResources,
	WindowsFirewallRules,
}
