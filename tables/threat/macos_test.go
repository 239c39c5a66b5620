package threat

import (
	"testing"

	"github.com/tenantra/tenantra/tables/tabletest"
)

func TestGatekeeper(t *testing.T)             { tabletest.Run(t, Gatekeeper) }
func TestGatekeeperApprovedApps(t *testing.T) { tabletest.Run(t, GatekeeperApprovedApps) }
func TestXProtectEntries(t *testing.T)        { tabletest.Run(t, XProtectEntries) }
func TestXProtectMeta(t *testing.T)           { tabletest.Run(t, XProtectMeta) }
func TestXProtectReports(t *testing.T)        { tabletest.Run(t, XProtectReports) }
