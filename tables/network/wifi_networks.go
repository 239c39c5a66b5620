package network

import (
	"context"
	"encoding/hex"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/plist"
)

// wifiNetwork is one wireless network that the machine knows.
type wifiNetwork struct {
	SSID                   string `col:"ssid" class:"personal" doc:"Identifier of the network, in hexadecimal."`
	NetworkName            string `col:"network_name" class:"personal" doc:"Name of the network."`
	SecurityType           string `col:"security_type" doc:"How it is secured."`
	LastConnected          int64  `col:"last_connected" type:"INTEGER" opt:"hidden" class:"personal" doc:"Last time that it was joined, in Unix seconds."`
	LastConnectedAutomatic int64  `col:"last_connected_automatic" type:"INTEGER" class:"personal" doc:"Last time that the system joined it."`
	LastConnectedManual    int64  `col:"last_connected_manual" type:"INTEGER" class:"personal" doc:"Last time that a person joined it."`
	Passpoint              int64  `col:"passpoint" type:"INTEGER" opt:"hidden" doc:"1 for Passpoint networks."`
	PossiblyHidden         int64  `col:"possibly_hidden" type:"INTEGER" doc:"1 where it may hide its name."`
	Roaming                int64  `col:"roaming" type:"INTEGER" opt:"hidden" doc:"1 where it is of an operator that roams."`
	RoamingProfile         string `col:"roaming_profile" doc:"How it roams: Single, Dual or None."`
	AutoLogin              int64  `col:"auto_login" type:"INTEGER" opt:"hidden" doc:"1 where it logs in by itself."`
	TemporarilyDisabled    int64  `col:"temporarily_disabled" type:"INTEGER" doc:"1 where it is not joined for now."`
	Disabled               int64  `col:"disabled" type:"INTEGER" opt:"hidden" doc:"1 where it is not to be joined."`
	AddReason              string `col:"add_reason" doc:"Why it is known."`
	AddedAt                int64  `col:"added_at" type:"INTEGER" class:"personal" doc:"When it became known."`
	CaptivePortal          int64  `col:"captive_portal" type:"INTEGER" doc:"1 where it has a page to log in."`
	CaptiveLoginDate       int64  `col:"captive_login_date" type:"INTEGER" class:"personal" doc:"Last login on that page."`
	WasCaptiveNetwork      int64  `col:"was_captive_network" type:"INTEGER" doc:"1 where it once had such a page."`
	AutoJoin               int64  `col:"auto_join" type:"INTEGER" doc:"1 where it is joined by itself."`
	PersonalHotspot        int64  `col:"personal_hotspot" type:"INTEGER" doc:"1 for the network of a phone."`
}

// WiFiNetworks has a row for each network.
// Source: /Library/Preferences/com.apple.wifi.known-networks.plist, or com.apple.airport.preferences.plist of systems before
// macOS 11.
var WiFiNetworks = tables.Define[wifiNetwork](tables.Spec{
	Name: "wifi_networks", Doc: "Wireless networks that the machine was in or is set to join.",
	Category: tables.Network, Platforms: tables.Darwin, Cost: tables.Cheap, Privilege: tables.Root, Portable: true,
	Examples: []string{"SELECT network_name, security_type, auto_join FROM wifi_networks WHERE security_type IN ('Open', 'None')"},
}, generateWiFiNetworks)

const (
	knownNetworksFile   = "/Library/Preferences/com.apple.wifi.known-networks.plist"
	airportFile         = "/Library/Preferences/SystemConfiguration/com.apple.airport.preferences.plist"
	knownNetworksPrefix = "wifi.network.ssid."
)

func generateWiFiNetworks(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*wifiNetwork) error) error {
	if list, ok := plist.Read(ctx, host, knownNetworksFile); ok {
		for _, key := range list.Keys() {
			name, isNetwork := strings.CutPrefix(key, knownNetworksPrefix)
			if !isNetwork {
				continue
			}
			row := wifiNetworkOf(name, list.Dict(key))
			if err := emit(&row); err != nil {
				return err
			}
		}
		return nil
	}
	list, ok := plist.Read(ctx, host, airportFile)
	if !ok {
		return ctx.Err()
	}
	networks := list.Dict("KnownNetworks")
	for _, key := range networks.Keys() {
		row := olderWiFiNetworkOf(networks.Dict(key))
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}

func wifiNetworkOf(name string, n plist.Dict) wifiNetwork {
	captive, own := n.Dict("CaptiveProfile"), n.Dict("__OSSpecific__")
	row := wifiNetwork{
		SSID: strings.ToUpper(hex.EncodeToString(n.Data("SSID"))), NetworkName: name, SecurityType: n.Text("SupportedSecurityTypes"),
		PossiblyHidden: flag(n.Bool("Hidden")), AddReason: n.Text("AddReason"), AutoJoin: flag(!n.Bool("AutoJoinDisabled")),
		PersonalHotspot: flag(n.Bool("PersonalHotspot")), CaptivePortal: flag(captive.Bool("CaptiveNetwork")), WasCaptiveNetwork: flag(captive.Bool("NetworkWasCaptive")),
		RoamingProfile: own.Text("RoamingProfileType"), TemporarilyDisabled: flag(own.Bool("TemporarilyDisabled")),
	}
	row.AddedAt, _ = n.Time("AddedAt")
	row.LastConnectedAutomatic, _ = n.Time("JoinedBySystemAt")
	row.LastConnectedManual, _ = n.Time("JoinedByUserAt")
	row.LastConnected = max(row.LastConnectedAutomatic, row.LastConnectedManual)
	row.CaptiveLoginDate, _ = captive.Time("CaptiveWebSheetLoginDate")
	return row
}

func olderWiFiNetworkOf(n plist.Dict) wifiNetwork {
	row := wifiNetwork{
		SSID: strings.ToUpper(hex.EncodeToString(n.Data("SSID"))), NetworkName: n.Text("SSIDString"), SecurityType: n.Text("SecurityType"),
		RoamingProfile: n.Text("RoamingProfileType"), CaptivePortal: flag(n.Bool("Captive")), Roaming: flag(n.Bool("SPRoaming")), Passpoint: flag(n.Bool("Passpoint")),
		PossiblyHidden: flag(n.Bool("PossiblyHiddenNetwork")), Disabled: flag(n.Bool("Disabled")), TemporarilyDisabled: flag(n.Bool("TemporarilyDisabled")),
		AutoLogin: flag(n.Bool("AutoLogin")), AutoJoin: flag(!n.Bool("Disabled")),
	}
	for _, key := range []string{"LastConnected", "LastAutoJoinAt", "LastManualJoinAt"} {
		if at, ok := n.Time(key); ok {
			row.LastConnected = max(row.LastConnected, at)
		}
	}
	row.LastConnectedAutomatic, _ = n.Time("LastAutoJoinAt")
	row.LastConnectedManual, _ = n.Time("LastManualJoinAt")
	return row
}
