package software

import (
	"context"

	"github.com/tenantra/tenantra/tables"
)

func generateChromeExtensionContentScripts(ctx context.Context, host tables.Host, q *tables.Query, emit func(*chromeContentScript) error) error {
	return generateChromeExtensions(ctx, host, q, func(extension *chromeExtension) error { return eachContentScript(extension, emit) })
}
