package network

import (
	"context"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/homes"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
	"github.com/tenantra/tenantra/tables/internal/plist"
)

// sharingPreferences tells which services the machine offers to others.
type sharingPreferences struct {
	ScreenSharing     int64 `col:"screen_sharing" type:"INTEGER" doc:"1 where the screen can be seen."`
	FileSharing       int64 `col:"file_sharing" type:"INTEGER" doc:"1 where files are served."`
	PrinterSharing    int64 `col:"printer_sharing" type:"INTEGER" doc:"1 where a printer is shared."`
	RemoteLogin       int64 `col:"remote_login" type:"INTEGER" doc:"1 where SSH is offered."`
	RemoteManagement  int64 `col:"remote_management" type:"INTEGER" doc:"1 where Apple Remote Desktop is on."`
	RemoteAppleEvents int64 `col:"remote_apple_events" type:"INTEGER" doc:"1 where other machines' programs can send events."`
	InternetSharing   int64 `col:"internet_sharing" type:"INTEGER" doc:"1 where its network is shared."`
	BluetoothSharing  int64 `col:"bluetooth_sharing" type:"INTEGER" doc:"1 where files can be sent by Bluetooth."`
	DiscSharing       int64 `col:"disc_sharing" type:"INTEGER" doc:"1 where its drive is shared."`
	ContentCaching    int64 `col:"content_caching" type:"INTEGER" doc:"1 where it keeps Apple's content for others."`
}

// SharingPreferences has one row.
// Source: the overrides of launchd's jobs, and property lists of the services.
var SharingPreferences = tables.Define[sharingPreferences](tables.Spec{
	Name: "sharing_preferences", Aliases: []string{"alf_services"}, Doc: "Which of the sharing services of the System Settings are on.",
	Category: tables.Network, Platforms: tables.Darwin, Cost: tables.Moderate, Privilege: tables.RootForOthers, Portable: true,
	Examples: []string{
		"SELECT * FROM sharing_preferences",
		"SELECT 1 FROM sharing_preferences WHERE remote_login = 0 AND screen_sharing = 0",
	},
}, generateSharingPreferences)

const (
	launchdDisabled   = "/var/db/com.apple.xpc.launchd/disabled.plist"
	remoteManagement  = "/Library/Application Support/Apple/Remote Desktop/RemoteManagement.launchd"
	natFile           = "/Library/Preferences/SystemConfiguration/com.apple.nat.plist"
	assetCacheFile    = "/Library/Preferences/com.apple.AssetCache.plist"
	cupsPrinters      = "/etc/cups/printers.conf"
	bluetoothSettings = "Library/Preferences/ByHost"
)

func generateSharingPreferences(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*sharingPreferences) error) error {
	var row sharingPreferences
	disabled, _ := plist.Read(ctx, host, launchdDisabled)
	// These jobs are disabled in their own lists, so they run only where an override says so.
	job := func(label string) bool { return disabled.Has(label) && !disabled.Bool(label) }
	_, err := host.Lstat(remoteManagement)
	managed := err == nil
	row.RemoteManagement = flag(managed)
	row.ScreenSharing = flag(job("com.apple.screensharing") && !managed)
	row.FileSharing = flag(job("com.apple.smbd") || job("com.apple.AppleFileServer"))
	row.RemoteLogin = flag(job("com.openssh.sshd"))
	row.RemoteAppleEvents = flag(job("com.apple.AEServer"))
	row.DiscSharing = flag(job("com.apple.ODSAgent"))
	if list, ok := plist.Read(ctx, host, natFile); ok {
		row.InternetSharing = flag(list.Dict("NAT").Bool("Enabled"))
	}
	if list, ok := plist.Read(ctx, host, assetCacheFile); ok {
		row.ContentCaching = flag(list.Bool("Activated"))
	}
	printers, err := hostfile.Source(ctx, host, cupsPrinters)
	if err != nil {
		return err
	}
	row.PrinterSharing = flag(strings.Contains(string(printers), "\nShared Yes"))
	shared, err := bluetoothShared(ctx, host)
	if err != nil {
		return err
	}
	row.BluetoothSharing = flag(shared)
	return emit(&row)
}

// bluetoothShared tells whether a user takes files by Bluetooth.
func bluetoothShared(ctx context.Context, host tables.Host) (shared bool, err error) {
	err = homes.All(ctx, host, func(home *homes.Home) error {
		for _, entry := range home.List(bluetoothSettings) {
			if shared || entry.IsDir() || !strings.HasPrefix(entry.Name(), "com.apple.Bluetooth.") {
				continue
			}
			data, ok := home.Read(bluetoothSettings + "/" + entry.Name())
			if !ok {
				continue
			}
			list, err := plist.ParseDict(data)
			if err != nil {
				hostfile.Skipped(ctx, host, home.Path(bluetoothSettings+"/"+entry.Name()), err)
				continue
			}
			shared = list.Bool("PrefKeyServicesEnabled")
		}
		return nil
	})
	return shared, err
}
