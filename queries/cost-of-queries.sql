-- name: Cost of what ran
-- description: Statements of this agent by the CPU time that they took.
-- platforms: linux darwin windows
-- tags: product
SELECT * FROM tenantra_queries
