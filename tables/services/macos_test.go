package services

import (
	"testing"

	"github.com/tenantra/tenantra/tables/tabletest"
)

func TestLaunchd(t *testing.T)          { tabletest.Run(t, Launchd) }
func TestLaunchdOverrides(t *testing.T) { tabletest.Run(t, LaunchdOverrides) }
