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

// Estimate says what a live query would cost.
type Estimate struct {
	Targets  int64  `json:"targets"`
	Online   int64  `json:"online"`
	Basis    string `json:"basis"`
	Samples  int64  `json:"samples"`
	PerAgent struct {
		CPUMillisP50 int64 `json:"cpu_ms_p50"`
		CPUMillisP95 int64 `json:"cpu_ms_p95"`
		DurationP50  int64 `json:"duration_ms_p50"`
		DurationP95  int64 `json:"duration_ms_p95"`
		Rows         int64 `json:"rows"`
	} `json:"per_agent"`
	Fleet struct {
		CPUMillis int64 `json:"cpu_ms"`
		Rows      int64 `json:"rows"`
	} `json:"fleet"`
	Tables []struct {
		Table        string `json:"table"`
		Class        string `json:"class"`
		Samples      int64  `json:"samples"`
		CPUMillisP50 int64  `json:"cpu_ms_p50"`
		CPUMillisP95 int64  `json:"cpu_ms_p95"`
	} `json:"tables"`
	Warnings []string `json:"warnings"`
}
