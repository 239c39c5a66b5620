package files

import (
	"testing"

	"github.com/tenantra/tenantra/tables/tabletest"
)

func TestPropertyList(t *testing.T)   { tabletest.Run(t, PropertyList) }
func TestMDFind(t *testing.T)         { tabletest.Run(t, MDFind) }
func TestMDLS(t *testing.T)           { tabletest.Run(t, MDLS) }
func TestQuicklookCache(t *testing.T) { tabletest.Run(t, QuicklookCache) }
func TestCodeSignature(t *testing.T)  { tabletest.Run(t, CodeSignature) }
