package software

import (
	"testing"

	"github.com/tenantra/tenantra/tables/tabletest"
)

func TestContainerPackages(t *testing.T) { tabletest.Run(t, ContainerPackages) }
