package ec2

import "strings"

// endpointZones are the hosted zones that AWS keeps endpoints' own DNS names in, by Region, as endpoints tell them
// in hostedZoneId (EC2 API Reference, DnsEntry). AWS publishes no list; these are those that users have seen.
var endpointZones = map[string]string{
	"us-east-1":      "Z7HUB22UULQXV",
	"us-east-2":      "ZC8PG0KIFKBRI",
	"us-west-1":      "Z12I86A8N7VCZO",
	"us-west-2":      "Z1YSA3EXCYUU9Z",
	"af-south-1":     "Z09302161J80N9A7UTP7U",
	"ap-east-1":      "Z2LIHJ7PKBEMWN",
	"ap-northeast-1": "Z2E726K9Y6RL4W",
	"ap-northeast-2": "Z27UANNT0PRK1T",
	"ap-northeast-3": "Z376B5OMM2JZL2",
	"ap-south-1":     "Z2KVTB3ZLFM7JR",
	"ap-south-2":     "Z0952991RWSF5AHIQDIY",
	"ap-southeast-1": "Z18LLCSTV4NVNL",
	"ap-southeast-2": "ZDK2GCRPAFKGO",
	"ap-southeast-3": "Z03881013RZ9BYYZO8N5W",
	"ap-southeast-4": "Z07508191CO1RNBX3X3AU",
	"ca-central-1":   "ZRCXCF510Y6P9",
	"eu-central-1":   "Z273ZU8SZ5RJPC",
	"eu-central-2":   "Z045369019J4FUQ4S272E",
	"eu-north-1":     "Z3OWWK6JFDEDGC",
	"eu-south-1":     "Z2A5FDNRLY7KZG",
	"eu-south-2":     "Z014396544HENR57XQCJ",
	"eu-west-1":      "Z38GZ743OKFT7T",
	"eu-west-2":      "Z7K1066E3PUKB",
	"eu-west-3":      "Z1DWHTMFP0WECP",
	"me-central-1":   "Z07122992YCEUCB9A9570",
	"me-south-1":     "Z3B95P3VBGEQGY",
	"sa-east-1":      "Z2LXUWEVLCVZIB",
	"us-gov-east-1":  "Z2MU5TEIGO9WXB",
	"us-gov-west-1":  "Z12529ZODG2B6H",
}

// endpointZone is the zone of a Region's endpoints; Regions that are not in the table have one that does not exist
// in AWS.
func endpointZone(region string) string {
	if zone, ok := endpointZones[region]; ok {
		return zone
	}
	return "ZVPCE" + strings.ToUpper(zonePrefix(region))
}
