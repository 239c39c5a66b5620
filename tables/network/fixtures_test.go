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
