// Package billing answers what the product itself costs this machine: what each statement took.
package billing
