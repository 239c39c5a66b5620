package threat

import (
	"context"
	"unsafe"

	"golang.org/x/sys/windows"

	"github.com/tenantra/tenantra/tables"
)

var wscGetSecurityProviderHealth = windows.NewLazySystemDLL("wscapi.dll").NewProc("WscGetSecurityProviderHealth")

func generateWindowsSecurityCenter(_ context.Context, host tables.Host, _ *tables.Query, emit func(*windowsSecurityCenter) error) error {
	if !host.Live() {
		return nil
	}
	if wscGetSecurityProviderHealth.Find() != nil {
		return nil // Windows Server has no security center
	}
	var row windowsSecurityCenter
	for _, provider := range []struct {
		bit  uintptr
		text *string
	}{
		{1, &row.Firewall}, {2, &row.Autoupdate}, {4, &row.Antivirus}, {8, &row.Antispyware}, {16, &row.InternetSettings},
		{32, &row.UserAccountControl}, {64, &row.WindowsSecurityCenterService},
	} {
		var health uint32
		code, _, _ := wscGetSecurityProviderHealth.Call(provider.bit, uintptr(unsafe.Pointer(&health)))
		*provider.text = "Error"
		if names := [...]string{"Good", "Not Monitored", "Poor", "Snoozed"}; code == 0 && health < uint32(len(names)) {
			*provider.text = names[health]
		}
	}
	return emit(&row)
}
