//go:build !windows

package network

const (
	servicesPath  = "/etc/services"
	protocolsPath = "/etc/protocols"
)
