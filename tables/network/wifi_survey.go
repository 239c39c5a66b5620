package network

import (
	"context"
	"encoding/hex"
	"strings"

	"github.com/tenantra/tenantra/tables"
)

// wifiStation is one wireless network in reach.
type wifiStation struct {
	Interface    string `col:"interface" doc:"Interface."`
	SSID         string `col:"ssid" class:"personal" doc:"Identifier of the network, in hexadecimal."`
	BSSID        string `col:"bssid" class:"personal" doc:"Address of the station; empty, as the System Profiler does not tell it."`
	NetworkName  string `col:"network_name" class:"personal" doc:"Name of the network."`
	CountryCode  string `col:"country_code" doc:"Country whose rules it follows."`
	RSSI         int64  `col:"rssi" type:"INTEGER" doc:"Strength of the signal in dBm."`
	Noise        int64  `col:"noise" type:"INTEGER" doc:"Noise in dBm."`
	Channel      int64  `col:"channel" type:"INTEGER" doc:"Channel."`
	ChannelWidth int64  `col:"channel_width" type:"INTEGER" doc:"Width of the channel in MHz."`
	ChannelBand  int64  `col:"channel_band" type:"INTEGER" doc:"Band in GHz: 2, 5 or 6."`
}

// WiFiSurvey has a row for each network that the machine last saw around it.
// Source: as of WiFiStatus.
var WiFiSurvey = tables.Define[wifiStation](tables.Spec{
	Name: "wifi_survey", Doc: "Wireless networks in reach.",
	Category: tables.Network, Platforms: tables.Darwin, Cost: tables.Expensive, Portable: true,
	Examples: []string{"SELECT network_name, rssi, channel FROM wifi_survey ORDER BY rssi DESC"},
}, generateWiFiSurvey)

func generateWiFiSurvey(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*wifiStation) error) error {
	for _, radio := range wifiInterfaces(ctx, host) {
		for _, n := range radio.Dicts("spairport_airport_other_local_wireless_networks") {
			row := wifiStation{Interface: radio.Text("_name"), NetworkName: n.Text("_name"), CountryCode: wifiCountry(radio, n)}
			if name := row.NetworkName; name != "" && name != "<redacted>" {
				row.SSID = strings.ToUpper(hex.EncodeToString([]byte(name)))
			}
			row.RSSI, row.Noise = parseSignal(n.Text("spairport_signal_noise"))
			row.Channel, row.ChannelBand, row.ChannelWidth = parseChannel(n.Text("spairport_network_channel"))
			if err := emit(&row); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}
