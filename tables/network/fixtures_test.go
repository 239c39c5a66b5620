package network

import (
	"testing"

	"github.com/tenantra/tenantra/tables/tabletest"
)

func TestEtcHosts(t *testing.T)           { tabletest.Run(t, EtcHosts) }
func TestInterfaceAddresses(t *testing.T) { tabletest.Run(t, InterfaceAddresses) }
func TestInterfaceDetails(t *testing.T)   { tabletest.Run(t, InterfaceDetails) }
func TestListeningPorts(t *testing.T)     { tabletest.Run(t, ListeningPorts) }
func TestRoutes(t *testing.T)             { tabletest.Run(t, Routes) }
func TestARPCache(t *testing.T)           { tabletest.Run(t, ARPCache) }
func TestDNSResolvers(t *testing.T)       { tabletest.Run(t, DNSResolvers) }
func TestEtcProtocols(t *testing.T)       { tabletest.Run(t, EtcProtocols) }
func TestEtcServices(t *testing.T)        { tabletest.Run(t, EtcServices) }
func TestInterfaceIPv6(t *testing.T)      { tabletest.Run(t, InterfaceIPv6) }
func TestIptables(t *testing.T)           { tabletest.Run(t, Iptables) }
