package network

import (
	"context"
	"errors"
	"fmt"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/automation"
)

// networkListManager is the class of the object that knows the networks.
const networkListManager = "{DCB00C01-570F-4A9B-8D69-199FDBA5723B}"

func generateConnectivity(_ context.Context, host tables.Host, _ *tables.Query, emit func(*connectivity) error) error {
	if !host.Live() {
		return nil
	}
	var flags int64
	err := automation.Do(func(s *automation.Scope) error {
		manager, err := s.Create(networkListManager)
		if err != nil {
			return err
		}
		value, err := manager.Call("GetConnectivity")
		if err != nil {
			return err
		}
		number, ok := value.(int32)
		if !ok {
			return fmt.Errorf("the network list manager told %v", value)
		}
		flags = int64(uint32(number))
		return nil
	})
	if errors.Is(err, automation.ErrAbsent) || automation.Missing(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("ask the network list manager: %w", err)
	}
	row := connectivityOf(flags)
	return emit(&row)
}
