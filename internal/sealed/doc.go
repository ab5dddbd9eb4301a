// Package sealed encrypts what Linkwright gives to Temporal to keep: inputs, results, messages, memos,
// summaries and errors. A key file holds the keys; without one nothing is encrypted, and what is encrypted is
// refused with an error that says which key it needs.
//
// Temporal indexes workflow ids, workflow and activity types, search attributes and identities, so these stay
// in clear text. docs/security.md says so to those who run Linkwright.
package sealed
