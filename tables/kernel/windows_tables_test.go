package kernel

import (
	"testing"

	"github.com/tenantra/tenantra/tables/tabletest"
)

func TestRegistry(t *testing.T) { tabletest.Run(t, Registry) }

func TestDrivers(t *testing.T) { tabletest.Run(t, Drivers) }
