// Package cli is the linkwright command line: what can be said on it, how it asks back, and with which exit
// code it ends. Its commands are thin: talking to the flows is package flows, showing them is package render,
// and what a spec may say is package link. [Follow] is here for other programs to use as well.
package cli
