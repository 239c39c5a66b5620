package client

import "time"

// StoredEvent is one line of an answer over stored rows. It is a LiveEvent but for its last line, which has a summary.
// AgentID is "" where the statement was answered once over all agents.
type StoredEvent struct {
	LiveEvent
	Tenant  string         `json:"tenant"`
	Summary *StoredSummary `json:"summary"`
}

// StoredSummary tells how well an answer is founded.
type StoredSummary struct {
	Per      string       `json:"per"`
	Agents   int          `json:"agents"`
	Answered int          `json:"answered"`
	Failed   int          `json:"failed"`
	NotTold  int          `json:"not_told"`
	Rows     int64        `json:"rows"`
	Tables   []TableState `json:"tables"`
}

// TableState says how many agents have told a table, and how fresh that is.
type TableState struct {
	Table    string    `json:"table"`
	Agents   int       `json:"agents"`
	Failing  int       `json:"failing"`
	OldestAt time.Time `json:"oldest_at"`
	NewestAt time.Time `json:"newest_at"`
}
