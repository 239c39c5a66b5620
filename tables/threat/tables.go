package threat

import "github.com/tenantra/tenantra/tables"

// Tables lists the package's tables by name.
var Tables = []*tables.Table{
	AppArmorEvents,
	AppcompatShims,
	BackgroundActivitiesModerator,
	CarbonBlackInfo,
	DNSLookupEvents,
	FileEvents,
	HardwareEvents,
	NTFSJournalEvents,
	OfficeMRU,
	PowershellEvents,
	Prefetch,
	ProcessETWEvents,
	ProcessEvents,
	ProcessFileEvents,
	RecentFiles,
	SeccompEvents,
	SELinuxEvents,
	Shellbags,
	Shimcache,
	SocketEvents,
	SyslogEvents,
	UserEvents,
	Userassist,
	WindowsEventlog,
	WindowsEvents,
	WindowsSecurityCenter,
	WindowsSecurityProducts,
	YARAEvents,
	YARAFile,
	YARAProcess,
}
