package network

const (
	servicesPath  = `C:\Windows\System32\drivers\etc\services`
	protocolsPath = `C:\Windows\System32\drivers\etc\protocol`
)
