package software

import "github.com/tenantra/tenantra/tables"

// windowsUpdate is one try to install an update.
type windowsUpdate struct {
	ClientAppID     string `col:"client_app_id" doc:"Program that asked for it."`
	Date            int64  `col:"date" doc:"When it was installed or removed, in Unix seconds."`
	Description     string `col:"description" doc:"What it is."`
	Hresult         int64  `col:"hresult" doc:"Result by its number."`
	Operation       string `col:"operation" doc:"Installation, Uninstallation or Other."`
	ResultCode      string `col:"result_code" doc:"NotStarted, InProgress, Succeeded, SucceededWithErrors, Failed or Aborted."`
	ServerSelection string `col:"server_selection" doc:"Service that gave it."`
	ServiceID       string `col:"service_id" doc:"Identifier of another service that gave it."`
	SupportURL      string `col:"support_url" doc:"Address of its page of support."`
	Title           string `col:"title" doc:"Title."`
	UpdateID        string `col:"update_id" doc:"Identifier of the update."`
	UpdateRevision  int64  `col:"update_revision" doc:"Revision of the update."`
}

// WindowsUpdateHistory has a row for each entry of the history.
// Source: IUpdateSearcher::QueryHistory of Windows Update.
var WindowsUpdateHistory = tables.Define[windowsUpdate](tables.Spec{
	Name: "windows_update_history", Doc: "What Windows Update installed.",
	Category: tables.System, Platforms: tables.Windows, Cost: tables.Moderate,
	Examples: []string{"SELECT title, result_code, datetime(date, 'unixepoch') FROM windows_update_history WHERE result_code = 'Failed'"},
}, generateWindowsUpdateHistory)
