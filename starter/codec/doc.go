// Package codec serves decryption over HTTP to people who look at flows in the Temporal UI or with Temporal's own
// command line. What it hands out is clear text, so it answers nobody whom it does not know, and lets no web page
// ask it that was not named.
package codec
