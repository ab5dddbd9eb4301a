// Package dns looks at public DNS from where the worker stands, as the step [activities.Resolver] asks for it:
// whether the proof of a domain can be seen on the authoritative name servers of its zone. It asks them directly,
// because whatever else answers may hold the past for as long as a time to live.
//
// [New] makes a [Resolver] from a [Config]; [Register] registers its step as "dns.FindRecord".
//
// Writing records is not here; that is a matter of the cloud that keeps the zone.
package dns
