package events

import (
	"context"

	"github.com/tenantra/tenantra/agent/events/filewatch"
)

// publishers lists what this system has.
func publishers() []publisher {
	return []publisher{
		{
			name: filewatch.Publisher, tables: []string{filewatch.Table}, needs: watchedFiles,
			run: func(ctx context.Context, o Options, j job) error { return filewatch.Run(ctx, j.files, o.Buffer, o.Log) },
		},
	}
}

func watchedFiles(s Settings) (job, string) {
	if s.Files.Empty() {
		return job{}, "no paths are configured: name them in a pack's events.file_paths"
	}
	return job{files: s.Files}, ""
}
