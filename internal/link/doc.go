// Package link is Linkwright's vocabulary: the specs that people write, and the phases, conditions, problems
// and decisions in which the flows speak of them. It imports nothing of ours and talks to nobody; everything
// else imports it.
package link
