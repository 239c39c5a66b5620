// Package identity answers who can get at the machine and how: local users, groups and their passwords' state, who is
// and was logged in, and the rules of login, sudo and SSH. A password hash never leaves the package.
package identity
