package threat

import "github.com/tenantra/tenantra/tables"

// windowsSecurityCenter is the state of Windows' protection.
type windowsSecurityCenter struct {
	Firewall                     string `col:"firewall" doc:"Health of the firewall: Good, Poor, Snoozed, Not Monitored or Error."`
	Autoupdate                   string `col:"autoupdate" doc:"Health of automatic updates."`
	Antivirus                    string `col:"antivirus" doc:"Health of the protection from viruses."`
	Antispyware                  string `col:"antispyware" opt:"hidden" doc:"Health of the protection from spyware, which antivirus now tells."`
	InternetSettings             string `col:"internet_settings" doc:"Health of the settings for the internet."`
	WindowsSecurityCenterService string `col:"windows_security_center_service" doc:"Health of the service itself."`
	UserAccountControl           string `col:"user_account_control" doc:"Health of user account control."`
}

// WindowsSecurityCenter has one row.
// Source: WscGetSecurityProviderHealth of wscapi.dll.
var WindowsSecurityCenter = tables.Define[windowsSecurityCenter](tables.Spec{
	Name: "windows_security_center", Doc: "State of the protection that Windows watches.",
	Category: tables.Threat, Platforms: tables.Windows, Cost: tables.Cheap,
	Examples: []string{"SELECT firewall, antivirus, autoupdate FROM windows_security_center"},
}, generateWindowsSecurityCenter)
