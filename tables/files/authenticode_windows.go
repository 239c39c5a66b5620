package files

import (
	"errors"
	"unsafe"

	"golang.org/x/sys/windows"
)

// windowsVerdict asks Windows whether it trusts the signer of an intact file or catalogue. It does so without going to the network.
func windowsVerdict(signed, result string) string {
	if result != "valid" {
		return result
	}
	path, err := windows.UTF16PtrFromString(windowsPath(signed))
	if err != nil {
		return result
	}
	file := windows.WinTrustFileInfo{FilePath: path}
	file.Size = uint32(unsafe.Sizeof(file))
	data := windows.WinTrustData{
		UIChoice: windows.WTD_UI_NONE, RevocationChecks: windows.WTD_REVOKE_NONE, UnionChoice: windows.WTD_CHOICE_FILE,
		StateAction: windows.WTD_STATEACTION_VERIFY, FileOrCatalogOrBlobOrSgnrOrCert: unsafe.Pointer(&file), ProvFlags: windows.WTD_CACHE_ONLY_URL_RETRIEVAL,
	}
	data.Size = uint32(unsafe.Sizeof(data))
	verdict := windows.WinVerifyTrustEx(windows.InvalidHWND, &windows.WINTRUST_ACTION_GENERIC_VERIFY_V2, &data)
	data.StateAction = windows.WTD_STATEACTION_CLOSE
	_ = windows.WinVerifyTrustEx(windows.InvalidHWND, &windows.WINTRUST_ACTION_GENERIC_VERIFY_V2, &data)
	switch {
	case verdict == nil:
		return "trusted"
	case errors.Is(verdict, windows.Errno(windows.TRUST_E_EXPLICIT_DISTRUST)):
		return "distrusted"
	case errors.Is(verdict, windows.Errno(windows.CERT_E_UNTRUSTEDROOT)), errors.Is(verdict, windows.Errno(windows.TRUST_E_SUBJECT_NOT_TRUSTED)),
		errors.Is(verdict, windows.Errno(windows.CERT_E_CHAINING)):
		return "untrusted"
	default:
		return result
	}
}
