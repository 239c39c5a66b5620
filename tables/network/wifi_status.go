package network

import (
	"context"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/lazyregexp"
	"github.com/tenantra/tenantra/tables/internal/plist"
	"github.com/tenantra/tenantra/tables/internal/profiler"
)

// wifiStatus is the wireless network that an interface is in.
type wifiStatus struct {
	Interface    string `col:"interface" doc:"Interface."`
	SSID         string `col:"ssid" class:"personal" doc:"Identifier of the network, in hexadecimal."`
	BSSID        string `col:"bssid" class:"personal" doc:"Address of the station; empty, as the System Profiler does not tell it."`
	NetworkName  string `col:"network_name" class:"personal" doc:"Name of the network."`
	CountryCode  string `col:"country_code" doc:"Country whose rules it follows."`
	SecurityType string `col:"security_type" doc:"How it is secured."`
	RSSI         int64  `col:"rssi" type:"INTEGER" doc:"Strength of the signal in dBm."`
	Noise        int64  `col:"noise" type:"INTEGER" doc:"Noise in dBm."`
	Channel      int64  `col:"channel" type:"INTEGER" doc:"Channel."`
	ChannelWidth int64  `col:"channel_width" type:"INTEGER" doc:"Width of the channel in MHz."`
	ChannelBand  int64  `col:"channel_band" type:"INTEGER" doc:"Band in GHz: 2, 5 or 6."`
	TransmitRate string `col:"transmit_rate" doc:"Rate in Mbit/s."`
	Mode         string `col:"mode" doc:"Mode, such as Station."`
}

// WiFiStatus has a row for each wireless interface that is in a network.
// Source: system_profiler(8), SPAirPortDataType, on a running system; it may hide the network's name from programs without
// access to the location.
var WiFiStatus = tables.Define[wifiStatus](tables.Spec{
	Name: "wifi_status", Doc: "The wireless network that the machine is in.",
	Category: tables.Network, Platforms: tables.Darwin, Cost: tables.Expensive, Portable: true,
	Examples: []string{"SELECT interface, network_name, security_type, rssi FROM wifi_status"},
}, generateWiFiStatus)

func generateWiFiStatus(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*wifiStatus) error) error {
	for _, radio := range wifiInterfaces(ctx, host) {
		n := radio.Dict("spairport_current_network_information")
		if n == nil {
			continue
		}
		row := wifiStatus{
			Interface: radio.Text("_name"), NetworkName: n.Text("_name"), CountryCode: wifiCountry(radio, n), SecurityType: wifiWord(n.Text("spairport_security_mode")),
			TransmitRate: n.Text("spairport_network_rate"), Mode: wifiWord(n.Text("spairport_network_type")),
		}
		if name := row.NetworkName; name != "" && name != "<redacted>" {
			row.SSID = strings.ToUpper(hex.EncodeToString([]byte(name)))
		}
		row.RSSI, row.Noise = parseSignal(n.Text("spairport_signal_noise"))
		row.Channel, row.ChannelBand, row.ChannelWidth = parseChannel(n.Text("spairport_network_channel"))
		if err := emit(&row); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// wifiInterfaces gives what the System Profiler tells of each wireless interface.
func wifiInterfaces(ctx context.Context, host tables.Host) []plist.Dict {
	var all []plist.Dict
	for _, item := range profiler.Items(ctx, host, "SPAirPortDataType") {
		all = append(all, item.Dicts("spairport_airport_interfaces")...)
	}
	return all
}

func wifiCountry(radio, network plist.Dict) string {
	if code := network.Text("spairport_network_country_code"); code != "" {
		return code
	}
	return radio.Text("spairport_wireless_country_code")
}

// wifiWord takes off what the System Profiler puts before its words: spairport_security_mode_wpa2_personal.
func wifiWord(word string) string {
	for _, prefix := range []string{"spairport_security_mode_", "spairport_network_type_", "spairport_"} {
		if rest, ok := strings.CutPrefix(word, prefix); ok {
			return rest
		}
	}
	return word
}

// parseSignal reads "-52 dBm / -92 dBm".
func parseSignal(text string) (signal, noise int64) {
	var numbers [2]int64
	for i, part := range strings.SplitN(text, "/", 2) {
		word, _, _ := strings.Cut(strings.TrimSpace(part), " ")
		n, err := strconv.ParseInt(word, 10, 16)
		if err == nil {
			numbers[i] = n
		}
	}
	return numbers[0], numbers[1]
}

var wifiChannel = lazyregexp.New(`^(\d{1,3})(?: \((\d)GHz, (\d{1,4})MHz\))?`)

// parseChannel reads "149 (5GHz, 80MHz)", or the number alone.
func parseChannel(text string) (channel, band, width int64) {
	m := wifiChannel().FindStringSubmatch(text)
	if m == nil {
		return 0, 0, 0
	}
	for i, into := range []*int64{&channel, &band, &width} {
		if n, err := strconv.ParseInt(m[i+1], 10, 16); err == nil {
			*into = n
		}
	}
	return channel, band, width
}
