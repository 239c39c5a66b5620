package agents

import "context"

// Silent looks once for agents that fell silent and gives their number.
func (s *Service) Silent(ctx context.Context) (int, error) {
	went, err := s.presence.silent(ctx)
	return len(went), err
}
