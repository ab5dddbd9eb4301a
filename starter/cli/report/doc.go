// Package report makes a page for browsers of the fleet and of what reconciliations have found in it: one file that needs
// no network and no script. What the fleet is it takes from package flows, and asks nobody.
package report
