// Package frameworks answers which controls of a compliance framework a machine meets: checks (SQL that gathers rows, an
// expression that judges them), fixes, catalogues of controls, the verdict of a check on rows, and scores.
//
// Everything is read from YAML files, one thing a file, and checked against the tables' catalogue when it is read; the
// embedded ones are the product's defaults, a tenant's come on top of them. Judging and scoring are pure functions: they
// know neither agent nor database, so the agent's own report and the server's judge agree.
package frameworks
