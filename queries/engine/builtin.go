package engine

// builtinFunctions are those of SQLite's own functions that a statement may call. What is not here reaches outside of the
// statement (load_extension, the full-text and R-tree internals), tells of the build, or takes hours on two large texts
// (json_patch).
var builtinFunctions = []string{
	"->", "->>", "abs", "acosh", "asinh", "atan2", "atanh", "avg", "ceiling", "changes", "char", "coalesce", "cosh",
	"count", "cume_dist", "current_date", "current_time", "current_timestamp", "date", "datetime", "dense_rank",
	"first_value", "format", "group_concat", "hex", "if", "ifnull", "iif", "julianday", "lag",
	"last_insert_rowid", "last_value", "lead", "length", "likelihood", "likely", "ln", "log2", "lower",
	"max", "min", "mod", "nth_value", "ntile", "nullif", "octet_length", "percent_rank", "pow", "printf", "quote", "random", "randomblob", "rank", "round",
	"row_number", "sign", "sinh", "soundex", "sqlite_version", "strftime", "string_agg", "substr", "substring",
	"subtype", "sum", "tanh", "time", "timediff", "total", "total_changes", "trunc", "typeof",
	"unicode", "unistr", "unistr_quote", "unixepoch", "unlikely", "upper", "zeroblob",
	"json", "json_array", "json_array_insert", "json_array_length", "json_each", "json_error_position", "json_extract",
	"json_group_array", "json_group_object", "json_insert", "json_object", "json_pretty", "json_quote",
	"json_remove", "json_replace", "json_set", "json_tree", "json_type", "json_valid",
	"jsonb", "jsonb_array", "jsonb_array_insert", "jsonb_extract", "jsonb_group_array", "jsonb_group_object",
	"jsonb_insert", "jsonb_object", "jsonb_remove", "jsonb_replace", "jsonb_set",
}
