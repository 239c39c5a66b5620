package agents

import "context"

// Silent looks once for agents that fell silent and gives their number.
func (s *Service) Silent(ctx context.Context) (int, error) {
	went, err := s.presence.silent(ctx)
	return len(went), err
}

// Waiting tells how many applicants of a tenant wait for their turn.
func Waiting(s *Service, tenant int32) int {
	s.admissions.mu.Lock()
	defer s.admissions.mu.Unlock()
	return len(s.admissions.lanes[tenant])
}
