package containers

import (
	"testing"

	"github.com/tenantra/tenantra/tables/tabletest"
)

func TestContainers(t *testing.T) { tabletest.Run(t, Containers) }
