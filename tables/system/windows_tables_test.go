package system

import (
	"testing"

	"github.com/tenantra/tenantra/tables/tabletest"
)

func TestDefaultEnvironment(t *testing.T) { tabletest.Run(t, DefaultEnvironment) }
