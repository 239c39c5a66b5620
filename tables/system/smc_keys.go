package system

import "github.com/tenantra/tenantra/tables"

// smcKey is one value of the system management controller.
type smcKey struct {
	Key    string `col:"key" opt:"index,additional" doc:"Key of four letters."`
	Type   string `col:"type" doc:"Type."`
	Size   int64  `col:"size" type:"INTEGER" doc:"Bytes."`
	Value  string `col:"value" doc:"Value in hexadecimal."`
	Hidden int64  `col:"hidden" type:"INTEGER" doc:"1 where the controller does not list it."`
}

// SMCKeys would have a row for each key.
// This build has no generator: the system management controller answers only through the framework IOKit.
var SMCKeys = tables.Define[smcKey](tables.Spec{
	Name: "smc_keys", Doc: "Values of the system management controller.",
	Category: tables.System, Platforms: tables.Darwin, Cost: tables.Cheap,
	Examples: []string{"SELECT key, value FROM smc_keys WHERE hidden = 0"},
}, nil)
