package software

import (
	"testing"

	"github.com/tenantra/tenantra/tables/tabletest"
)

func TestIEExtensions(t *testing.T) { tabletest.Run(t, IEExtensions) }
