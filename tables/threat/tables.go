package threat

import "github.com/tenantra/tenantra/tables"

// Tables lists the package's tables by name.
var Tables = []*tables.Table{
	AppArmorEvents,
	CarbonBlackInfo,
	FileEvents,
	HardwareEvents,
	ProcessEvents,
	ProcessFileEvents,
	SeccompEvents,
	SELinuxEvents,
	SocketEvents,
	SyslogEvents,
	UserEvents,
	YARAEvents,
	YARAFile,
	YARAProcess,
}
