package link

import "strings"

// Covers reports whether a certificate with this name is good for a host, which may itself be a wildcard: *.example.com
// covers every name one level below example.com, and neither example.com nor what is deeper (RFC 6125, section 6.4.3;
// AWS Certificate Manager User Guide, "Wildcard names"). So a wildcard host needs the same wildcard in the certificate.
func Covers(certificateName, host string) bool {
	name := strings.ToLower(certificateName)
	host = strings.ToLower(host)
	if name == host {
		return host != ""
	}
	below, isWildcard := strings.CutPrefix(name, "*.")
	label, rest, _ := strings.Cut(host, ".")
	return isWildcard && label != "" && label != "*" && rest == below && rest != ""
}
