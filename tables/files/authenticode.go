package files

import (
	"context"
	"crypto/x509/pkix"
	"encoding/hex"
	"errors"

	"github.com/tenantra/tenantra/tables"
	"github.com/tenantra/tenantra/tables/internal/authenticode"
	"github.com/tenantra/tenantra/tables/internal/hostfile"
)

// authenticodeRow is the signature of one file.
type authenticodeRow struct {
	Path                string `col:"path" opt:"required" doc:"Absolute path of the file."`
	OriginalProgramName string `col:"original_program_name" doc:"What the signer calls the program."`
	SerialNumber        string `col:"serial_number" doc:"Serial number of the signer's certificate in hexadecimal digits."`
	IssuerName          string `col:"issuer_name" doc:"Who issued the signer's certificate."`
	SubjectName         string `col:"subject_name" doc:"Who signed."`
	Result              string `col:"result" doc:"Outcome: trusted, valid (intact, but no one vouches), missing, untrusted, distrusted, or unknown."`
}

// Authenticode has a row for each file that a statement names. In an image, where no one is trusted, valid says that a file
// is what its signer signed; a running Windows also says whether it trusts the signer. A program without a signature of its own is
// looked for in the catalogues of the system, and has the signer of the one that lists it.
var Authenticode = tables.Define[authenticodeRow](tables.Spec{
	Name: "authenticode", Doc: "Authenticode signatures of files named by path.",
	Category: tables.Files, Platforms: tables.Windows, Cost: tables.Expensive, Privilege: tables.RootForOthers, Portable: true,
	Examples: []string{"SELECT path, subject_name, result FROM authenticode WHERE path = 'C:\\Windows\\explorer.exe'"},
}, generateAuthenticode)

func generateAuthenticode(ctx context.Context, host tables.Host, q *tables.Query, emit func(*authenticodeRow) error) error {
	host = slashed(host)
	return selectByPath(ctx, host, q, func(f *found) error {
		row, err := signatureOf(ctx, host, q.Cache(), f)
		if err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if !hostfile.Absent(err) {
				hostfile.Skipped(ctx, host, f.shown(), err)
			}
			return nil
		}
		return emit(row)
	})
}

func signatureOf(ctx context.Context, host tables.Host, cache *tables.Cache, f *found) (*authenticodeRow, error) {
	file, err := host.Open(f.path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	row := &authenticodeRow{Path: f.shown()}
	signedBy := f.path // what holds the signature
	s, err := authenticode.Read(ctx, file, info.Size())
	if errors.Is(err, authenticode.ErrMissing) {
		signedBy, s, err = listedSignature(ctx, host, cache, file, info.Size())
	}
	switch {
	case errors.Is(err, authenticode.ErrMissing):
		row.Result = "missing"
	case err != nil:
		if ctx.Err() != nil {
			return nil, err
		}
		row.Result = "unknown" // no program, or its signature cannot be read
	default:
		row.OriginalProgramName = s.Description
		row.SerialNumber = hex.EncodeToString(s.Signer.SerialNumber.Bytes())
		row.IssuerName, row.SubjectName = shortName(s.Signer.Issuer), shortName(s.Signer.Subject)
		row.Result = "untrusted" // changed after it was signed
		if s.Intact == nil {
			row.Result = "valid"
		}
	}
	if host.Live() {
		row.Result = windowsVerdict(signedBy, row.Result)
	}
	return row, nil
}

// shortName is the name that people know someone by.
func shortName(name pkix.Name) string {
	switch {
	case name.CommonName != "":
		return name.CommonName
	case len(name.Organization) > 0:
		return name.Organization[0]
	default:
		return name.String()
	}
}
