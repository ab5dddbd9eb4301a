// Package signers reads OpenSSH's allowed-signers files, and checks signatures over decisions against them. Only
// workers have such a file; it says who may sign, and with which key.
package signers
