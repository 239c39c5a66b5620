package files

import "github.com/tenantra/tenantra/tables"

// authenticode is the signature of one file.
type authenticode struct {
	Path                string `col:"path" opt:"required" doc:"Absolute path of the file."`
	OriginalProgramName string `col:"original_program_name" doc:"What the signer calls the program."`
	SerialNumber        string `col:"serial_number" doc:"Serial number of the signer's certificate in hexadecimal digits."`
	IssuerName          string `col:"issuer_name" doc:"Who issued the signer's certificate."`
	SubjectName         string `col:"subject_name" doc:"Who signed."`
	Result              string `col:"result" doc:"Outcome: trusted, valid, missing, untrusted, distrusted, or unknown."`
}

// Authenticode has a row for each file that a statement names.
var Authenticode = tables.DefineByPlatform(tables.Spec{
	Name: "authenticode", Doc: "Authenticode signatures of files named by path.",
	Category: tables.Files, Platforms: tables.Windows, Cost: tables.Expensive, Privilege: tables.RootForOthers,
	Examples: []string{"SELECT path, subject_name, result FROM authenticode WHERE path = 'C:\\Windows\\explorer.exe'"},
}, tables.Generators[authenticode]{})
