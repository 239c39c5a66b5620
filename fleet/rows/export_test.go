package rows

// The statements whose plans are tested.
const (
	SQLRemove  = sqlRemove
	SQLCurrent = sqlCurrent
)
