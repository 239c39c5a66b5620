package services

import (
	"context"
	"errors"
	"testing"

	"github.com/coreos/go-systemd/v22/dbus"
	godbus "github.com/godbus/dbus/v5"
	"github.com/google/go-cmp/cmp"

	"github.com/tenantra/tenantra/tables"
)

// fakeManager has two units and counts what it is asked.
type fakeManager struct {
	asked []string
	err   error
}

func (m *fakeManager) ListUnitsContext(context.Context) ([]dbus.UnitStatus, error) {
	return []dbus.UnitStatus{
		{
			Name: "cron.service", Description: "Cron", LoadState: "loaded", ActiveState: "active", SubState: "running",
			Path: "/org/freedesktop/systemd1/unit/cron_2eservice", JobId: 7, JobType: "restart", JobPath: "/org/freedesktop/systemd1/job/7",
		},
		{Name: "gone.mount", LoadState: "not-found", ActiveState: "inactive", SubState: "dead"},
	}, m.err
}

func (m *fakeManager) GetUnitPropertyContext(_ context.Context, unit, property string) (*dbus.Property, error) {
	m.asked = append(m.asked, unit+" "+property)
	if unit == "gone.mount" {
		return nil, errors.New("no such unit")
	}
	return &dbus.Property{Name: property, Value: godbus.MakeVariant("value of " + property)}, nil
}

func (m *fakeManager) GetServicePropertyContext(_ context.Context, service, property string) (*dbus.Property, error) {
	m.asked = append(m.asked, service+" "+property)
	return &dbus.Property{Name: property, Value: godbus.MakeVariant(uint32(5))}, nil // not the text that was expected
}

func TestAskManager(t *testing.T) {
	t.Parallel()
	m := &fakeManager{}
	got, err := askManager(t.Context(), m, unitProperties{fragmentPath: true, user: true})
	if err != nil {
		t.Fatal(err)
	}
	want := []systemdUnit{
		{
			ID: "cron.service", Description: "Cron", LoadState: tables.Some("loaded"), ActiveState: tables.Some("active"), SubState: tables.Some("running"),
			Following: tables.Some(""), ObjectPath: tables.Some("/org/freedesktop/systemd1/unit/cron_2eservice"), JobID: tables.Some(int64(7)),
			JobType: tables.Some("restart"), JobPath: tables.Some("/org/freedesktop/systemd1/job/7"), FragmentPath: "value of FragmentPath",
		},
		{
			ID: "gone.mount", LoadState: tables.Some("not-found"), ActiveState: tables.Some("inactive"), SubState: tables.Some("dead"), Following: tables.Some(""),
			ObjectPath: tables.Some(""), JobID: tables.Some(int64(0)), JobType: tables.Some(""), JobPath: tables.Some(""),
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"cron.service FragmentPath", "cron.service User", "gone.mount FragmentPath"}, m.asked); diff != "" {
		t.Errorf("questions that no column needs:\n%s", diff)
	}
	if _, err := askManager(t.Context(), &fakeManager{err: errors.New("refused")}, unitProperties{}); err == nil {
		t.Error("a manager that refuses is no error")
	}
}
