package elbv2

// hostedZones are the ids of the Route 53 zones that load balancers' names are in, which an alias record
// needs (AWS General Reference, "Elastic Load Balancing endpoints and quotas").
var hostedZones = map[string]map[string]string{
	"us-east-1":      {network: "Z26RNL4JYFTOTI", application: "Z35SXDOTRQ7X7K"},
	"us-east-2":      {network: "ZLMOA37VPKANP", application: "Z3AADJGX6KTTL2"},
	"us-west-1":      {network: "Z24FKFUX50B4VW", application: "Z368ELLRRE2KJ0"},
	"us-west-2":      {network: "Z18D5FSROUN65G", application: "Z1H1FL5HABSF5"},
	"ca-central-1":   {network: "Z2EPGBW3API2WT", application: "ZQSVJUPU6J1EY"},
	"sa-east-1":      {network: "ZTK26PT1VY4CU", application: "Z2P70J7HTTTPLU"},
	"eu-central-1":   {network: "Z3F0SRJ5LGBH90", application: "Z215JYRZR1TBD5"},
	"eu-west-1":      {network: "Z2IFOLAFXWLO4F", application: "Z32O12XQLNTSW2"},
	"eu-west-2":      {network: "ZD4D7Y8KGAS4G", application: "ZHURV8PSTC4K8"},
	"eu-west-3":      {network: "Z1CMS0P5QUZ6D5", application: "Z3Q77PNBQS71R4"},
	"eu-north-1":     {network: "Z1UDT6IFJ4EJM", application: "Z23TAZ6LKFMNIO"},
	"ap-south-1":     {network: "ZVDDRBQ08TROA", application: "ZP97RAFLXTNZK"},
	"ap-southeast-1": {network: "ZKVM4W9LS7TM", application: "Z1LMS91P8CMLE5"},
	"ap-southeast-2": {network: "ZCT6FZBF4DROD", application: "Z1GM3OXH4ZPM65"},
	"ap-northeast-1": {network: "Z31USIVHYNEOWT", application: "Z14GRHDCWA56QT"},
}

// hostedZoneID is the zone of a region's load balancers; regions that are not in the table share one that
// does not exist in AWS.
func hostedZoneID(region, lbType string) string {
	if zone, ok := hostedZones[region]; ok {
		return zone[lbType]
	}
	return "ZSIMULATEDELB"
}
