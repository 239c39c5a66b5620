package software

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/automation"
)

// updatesMax bounds the history; Windows keeps the last few hundred.
const updatesMax = 10_000

func generateWindowsUpdateHistory(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*windowsUpdate) error) error {
	if !host.Live() {
		return nil
	}
	var stop error // what emit said, which is no error of Windows Update
	err := automation.Do(func(s *automation.Scope) error {
		session, err := s.Create("Microsoft.Update.Session")
		if err != nil {
			return err
		}
		searcher, err := objectOf(session.Call("CreateUpdateSearcher"))
		if err != nil {
			return err
		}
		count, err := searcher.Call("GetTotalHistoryCount")
		if err != nil {
			return err
		}
		total, _ := count.(int32)
		if total <= 0 {
			return nil
		}
		history, err := objectOf(searcher.Call("QueryHistory", int32(0), min(total, updatesMax)))
		if err != nil {
			return err
		}
		return history.Each(func(entry *automation.Object) error {
			if stop = ctx.Err(); stop != nil {
				return stop
			}
			row := updateRow(entry)
			stop = emit(&row)
			return stop
		})
	})
	switch {
	case stop != nil:
		return stop
	case errors.Is(err, automation.ErrAbsent) || automation.Missing(err):
		return nil
	case err != nil:
		return fmt.Errorf("ask Windows Update: %w", err)
	default:
		return nil
	}
}

func objectOf(value any, err error) (*automation.Object, error) {
	if err != nil {
		return nil, err
	}
	o, ok := value.(*automation.Object)
	if !ok {
		return nil, errors.New("Windows Update gave no object")
	}
	return o, nil
}

func updateRow(entry *automation.Object) windowsUpdate {
	get := func(o *automation.Object, name string) any {
		if o == nil {
			return nil
		}
		value, err := o.Get(name)
		if err != nil {
			return nil // an entry without it
		}
		return value
	}
	text := func(o *automation.Object, name string) string {
		value, _ := get(o, name).(string)
		return value
	}
	number := func(o *automation.Object, name string) int64 {
		value, _ := get(o, name).(int32)
		return int64(value)
	}
	name := func(n int64, names ...string) string {
		if n < 0 || n >= int64(len(names)) {
			return "Unknown"
		}
		return names[n]
	}
	row := windowsUpdate{
		ClientAppID: text(entry, "ClientApplicationID"), Description: text(entry, "Description"), Hresult: number(entry, "HResult"),
		Operation:       name(number(entry, "Operation"), "Other", "Installation", "Uninstallation"),
		ResultCode:      name(number(entry, "ResultCode"), "NotStarted", "InProgress", "Succeeded", "SucceededWithErrors", "Failed", "Aborted"),
		ServerSelection: name(number(entry, "ServerSelection"), "Default", "ManagedServer", "WindowsUpdate", "Others"),
		ServiceID:       text(entry, "ServiceID"), SupportURL: text(entry, "SupportUrl"), Title: text(entry, "Title"),
	}
	if at, ok := get(entry, "Date").(time.Time); ok {
		row.Date = at.Unix()
	}
	if identity, ok := get(entry, "UpdateIdentity").(*automation.Object); ok {
		row.UpdateID, row.UpdateRevision = text(identity, "UpdateID"), number(identity, "RevisionNumber")
	}
	return row
}
