package network

import "github.com/tenantra/tenantra/tables"

// Tables lists the tables of this package by name.
var Tables = []*tables.Table{
	ALF,
	ALFExceptions,
	ALFExplicitAuths,
	ARPCache,
	Connectivity,
	Curl,
	CurlCertificate,
	DNSCache,
	DNSResolvers,
	EtcHosts,
	EtcProtocols,
	EtcServices,
	FirewallRules,
	InterfaceAddresses,
	InterfaceDetails,
	InterfaceIPv6,
	Iptables,
	ListeningPorts,
	NFSShares,
	Ports,
	PrometheusMetrics,
	Routes,
	SharedFolders,
	SharedResources,
	SharingPreferences,
	TLSListeners,
	WiFiNetworks,
	WiFiStatus,
	WiFiSurvey,
	WindowsFirewallRules,
}
