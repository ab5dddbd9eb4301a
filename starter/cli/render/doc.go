// Package render shows the flows to a person: tables of many, the full account of one, and the live progress
// of those that are on their way. It turns values into text and does nothing else: where the values come
// from is package flows.
package render
