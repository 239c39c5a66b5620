package rules

import "github.com/tenantra/tenantra/tables"

// RowsOf gives a statement's result as rows: nil, int64, float64 or string by column. A blob becomes text.
func RowsOf(columns []string, cells [][]tables.Value) []Row {
	rows := make([]Row, len(cells))
	for i, line := range cells {
		row := make(Row, len(columns))
		for j, column := range columns {
			if cell := line[j]; cell.Kind == tables.ValueBlob {
				row[column] = cell.Text
			} else {
				row[column] = cell.Any()
			}
		}
		rows[i] = row
	}
	return rows
}
