package identity

import "github.com/tenantra/tenantra/tables"

// logonSession is one session.
type logonSession struct {
	LogonID               int32  `col:"logon_id" doc:"Identifier of the session, its low 32 bits."`
	User                  string `col:"user" class:"personal" doc:"Name of the user."`
	LogonDomain           string `col:"logon_domain" doc:"Domain of the user."`
	AuthenticationPackage string `col:"authentication_package" doc:"Package that let the user in: NTLM, Kerberos, Negotiate."`
	LogonType             string `col:"logon_type" doc:"Interactive, Network, Batch, Service, RemoteInteractive and others."`
	SessionID             int32  `col:"session_id" doc:"Terminal session."`
	LogonSID              string `col:"logon_sid" class:"personal" doc:"Security identifier of the user."`
	LogonTime             int64  `col:"logon_time" doc:"When it began, in Unix seconds."`
	LogonServer           string `col:"logon_server" doc:"Server that let the user in."`
	DNSDomainName         string `col:"dns_domain_name" doc:"DNS name of the domain."`
	UPN                   string `col:"upn" class:"personal" doc:"Principal name of the user."`
	LogonScript           string `col:"logon_script" doc:"Script that runs at logon."`
	ProfilePath           string `col:"profile_path" doc:"Path of a roaming profile."`
	HomeDirectory         string `col:"home_directory" class:"personal" doc:"Home directory."`
	HomeDirectoryDrive    string `col:"home_directory_drive" doc:"Drive of the home directory."`
}

// LogonSessions has a row for each session.
// Source: LsaEnumerateLogonSessions and LsaGetLogonSessionData.
var LogonSessions = tables.Define[logonSession](tables.Spec{
	Name: "logon_sessions", Doc: "Sessions of users and services.",
	Category: tables.Identity, Platforms: tables.Windows, Cost: tables.Moderate, Privilege: tables.Root,
	Examples: []string{"SELECT user, logon_type, datetime(logon_time, 'unixepoch') FROM logon_sessions WHERE logon_type = 'RemoteInteractive'"},
}, generateLogonSessions)
