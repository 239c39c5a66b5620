package files

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/plist"
	"github.com/tenantra/tenantra/tables/internal/sqlitefile"
)

// quicklookFile is one file of which a preview was made.
type quicklookFile struct {
	Path        string `col:"path" doc:"File."`
	Rowid       int64  `col:"rowid" type:"INTEGER" doc:"Number in the cache."`
	FSID        string `col:"fs_id" doc:"Identifier of the file as the cache holds it."`
	VolumeID    int64  `col:"volume_id" type:"INTEGER" doc:"Volume."`
	Inode       int64  `col:"inode" type:"INTEGER" doc:"Inode."`
	Mtime       int64  `col:"mtime" type:"INTEGER" doc:"Last change, in Unix seconds."`
	Size        int64  `col:"size" doc:"Bytes."`
	Label       string `col:"label" doc:"Generator of the preview."`
	LastHitDate int64  `col:"last_hit_date" type:"INTEGER" class:"personal" doc:"Last use of the preview, in Unix seconds."`
	HitCount    string `col:"hit_count" doc:"How often it was used."`
	IconMode    int64  `col:"icon_mode" doc:"Size of the preview as an icon."`
	CachePath   string `col:"cache_path" doc:"Cache."`
}

// QuicklookCache has a row for each file in the caches of previews, also of files and volumes that are gone.
// Source: index.sqlite of the thumbnail caches of systems before macOS 10.15, below /private/var/folders.
var QuicklookCache = tables.Define[quicklookFile](tables.Spec{
	Name: "quicklook_cache", Doc: "Files of which Quick Look made previews.",
	Category: tables.Files, Platforms: tables.Darwin, Cost: tables.Moderate, Privilege: tables.RootForOthers, Portable: true,
	Examples: []string{"SELECT path, datetime(last_hit_date, 'unixepoch') AS seen FROM quicklook_cache WHERE path LIKE '/Volumes/%'"},
}, generateQuicklookCache)

const (
	quicklookIndex = "/private/var/folders/*/*/*/com.apple.QuickLook.thumbnailcache/index.sqlite"
	quicklookMax   = 256 << 20
	appleEpoch     = 978307200 // 2001-01-01 in Unix seconds
)

func generateQuicklookCache(ctx context.Context, host tables.Host, _ *tables.Query, emit func(*quicklookFile) error) error {
	indexes, err := host.Glob(quicklookIndex)
	if err != nil {
		return err
	}
	for _, index := range indexes {
		err := sqlitefile.OneOfMany(ctx, host, index, quicklookMax, []string{"files", "thumbnails"}, func(db *sqlitefile.DB) error {
			return quicklookFiles(ctx, db, index, emit)
		})
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

func quicklookFiles(ctx context.Context, db *sqlitefile.DB, index string, emit func(*quicklookFile) error) error {
	rows, err := db.QueryContext(ctx, `SELECT f.rowid, f.folder, f.file_name, f.fs_id, f.version, t.last_hit_date, t.hit_count, t.icon_mode
		FROM files f JOIN (SELECT file_id, max(last_hit_date) AS last_hit_date, hit_count, icon_mode FROM thumbnails GROUP BY file_id) t
		ON t.file_id = f.rowid ORDER BY f.rowid`)
	if err != nil {
		return fmt.Errorf("read previews: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var row quicklookFile
		var folder, name, id, hits sql.NullString
		var version []byte
		var hit sql.NullFloat64
		var icon sql.NullInt64
		if err := rows.Scan(&row.Rowid, &folder, &name, &id, &version, &hit, &hits, &icon); err != nil {
			return fmt.Errorf("read previews: %w", err)
		}
		row.Path, row.FSID, row.HitCount, row.IconMode, row.CachePath = folder.String+"/"+name.String, id.String, hits.String, icon.Int64, index
		if hit.Valid {
			row.LastHitDate = int64(hit.Float64) + appleEpoch
		}
		row.VolumeID, row.Inode = quicklookIDs(row.FSID)
		if facts, err := plist.ParseDict(version); err == nil {
			row.Size, row.Label = facts.IntOr("size", 0), facts.Text("gen")
			if date, ok := facts.Float("date"); ok {
				row.Mtime = int64(date) + appleEpoch
			}
		}
		if err := emit(&row); err != nil {
			return err
		}
	}
	return rows.Err()
}

// quicklookIDs reads com.apple.quicklook.id=VOLUME.INODE, or what else has these numbers at its end.
func quicklookIDs(id string) (volume, inode int64) {
	_, numbers, found := strings.Cut(id, "=")
	if !found {
		return 0, 0
	}
	first, second, _ := strings.Cut(numbers, ".")
	volume, _ = strconv.ParseInt(first, 10, 64)
	inode, _ = strconv.ParseInt(second, 10, 64)
	return volume, inode
}
