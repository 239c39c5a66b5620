package network

import (
	"context"
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/tables"
)

const ipv6SettingsPath = "/proc/sys/net/ipv6/conf"

func generateInterfaceIPv6(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*interfaceIPv6) error) error {
	entries, err := host.ReadDir(ipv6SettingsPath)
	if err != nil {
		return absent(err)
	}
	all := readIPv6Settings(host, "all")
	for _, entry := range entries {
		if err := ctx.Err(); err != nil {
			return err
		}
		name := entry.Name()
		if name == "all" || name == "default" {
			continue
		}
		row := readIPv6Settings(host, name).behaviour(name, all)
		if err := emit(&row); err != nil {
			return err
		}
	}
	return nil
}

func readIPv6Settings(host tables.Host, name string) ipv6Settings {
	read := func(file string) int32 {
		text, err := host.ReadFile(ipv6SettingsPath + "/" + name + "/" + file)
		if err != nil {
			return -1
		}
		value, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 32)
		if err != nil {
			return -1
		}
		return int32(value)
	}
	return ipv6Settings{
		hopLimit: read("hop_limit"), forwarding: read("forwarding"), redirects: read("accept_redirects"), advertisements: read("accept_ra"),
	}
}
