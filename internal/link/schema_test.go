package link_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"github.com/linkwright/linkwright/internal/link"
)

func TestReferencePageIsWhatTheTypesSay(t *testing.T) {
	page, err := link.Reference()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "../../docs/reference/specs.md", page)
}

func compileSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := link.Schema()
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("linkwright.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("linkwright.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// asJSON reads the documents of a file as an editor does, which knows nothing of the types.
func asJSON(t *testing.T, file link.File) []any {
	t.Helper()
	var documents []any
	decoder := yaml.NewDecoder(bytes.NewReader(file.Data))
	for {
		var document any
		if err := decoder.Decode(&document); err != nil {
			return documents
		}
		text, err := json.Marshal(document)
		if err != nil {
			t.Fatal(err)
		}
		if value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text)); err != nil {
			t.Fatal(err)
		} else if value != nil {
			documents = append(documents, value)
		}
	}
}

func TestSchemaAcceptsGoodSpecs(t *testing.T) {
	schema := compileSchema(t)
	for _, file := range read(t, "good/*.yaml") {
		documents := asJSON(t, file)
		if len(documents) == 0 {
			t.Errorf("%s: no documents", file.Name)
		}
		for _, document := range documents {
			if err := schema.Validate(document); err != nil {
				t.Errorf("%s: %v", file.Name, err)
			}
		}
	}
}

// The decoder and the published schema are two readings of the same tags: what the schema refuses, the
// decoder must refuse as well.
func TestDecodeRefusesWhateverTheSchemaRefuses(t *testing.T) {
	schema := compileSchema(t)
	const service = `{apiVersion: linkwright/v1, kind: EndpointService, metadata: {name: a}, spec: {account: a, region: eu-west-1, aws: {loadBalancers: {tags: {a: b}} %s} %s}}`
	const connection = `{apiVersion: linkwright/v1, kind: Connection, metadata: {name: a}, spec: {service: a, account: a, region: eu-west-1, aws: {vpc: vpc-1, subnets: [subnet-1] %s} %s}}`
	const hub = `{apiVersion: linkwright/v1, kind: Connection, metadata: {name: a}, spec: {service: a, account: a, region: eu-west-1, aws: {inventories: [hub] %s} %s}}`
	const inventory = `{apiVersion: linkwright/v1, kind: VPCInventory, metadata: {name: a}, spec: {account: a, region: eu-west-1, aws: {vpcs: [{vpc: vpc-1, subnets: [{zoneID: euw1-az1, subnet: subnet-1}] %s}]} %s}}`
	route := func(more string) string {
		return ", ingress: {port: 443, route: {listeners: [{listener: a}], hosts: [a.b]" + more + "}}"
	}
	cases := []struct{ name, document, path string }{
		{"when there is an unknown field", fill(service, "", ", more: 1"), "spec.more"},
		{"when a list is empty", fill(service, ", ipAddressTypes: []", ""), "spec.aws.ipAddressTypes"},
		{"when an entry is none of the choices", fill(service, ", ipAddressTypes: [ipv5]", ""), "spec.aws.ipAddressTypes[0]"},
		{"when an entry is listed twice", fill(service, ", supportedRegions: [eu-west-2, eu-west-2]", ""), "spec.aws.supportedRegions[1]"},
		{"when an entry has another form", fill(service, ", supportedRegions: [ireland]", ""), "spec.aws.supportedRegions[0]"},
		{"when something required is missing", fill(service, ", privateDNS: {name: a.b, verification: {route53: {}}}", ""), "spec.aws.privateDNS.verification.route53.account"},
		{"when neither of two choices is made", fill(service, ", privateDNS: {name: a.b, verification: {}}", ""), "spec.aws.privateDNS.verification"},
		{"when both of two choices are made", fill(service, ", privateDNS: {name: a.b, verification: {byHand: {}, route53: {account: a}}}", ""), "spec.aws.privateDNS.verification"},
		{"when a choice is of the wrong type", fill(service, ", acceptanceRequired: 1", ""), "spec.aws.acceptanceRequired"},
		{"when a duration is a number", fill(service, "", ", approval: {timeout: 90}"), "spec.approval.timeout"},
		{"when a duration has no unit", fill(service, "", `, approval: {timeout: "90"}`), "spec.approval.timeout"},
		{"when nobody is to approve", fill(service, "", ", approval: {approvers: 0}"), "spec.approval.approvers"},
		{"when too many are to approve", fill(service, "", ", approval: {approvers: 11}"), "spec.approval.approvers"},
		{"when a proof is none of the choices", fill(service, "", ", approval: {proof: password}"), "spec.approval.proof"},
		{"when a kind of drift is none of the choices", fill(service, "", ", drift: {repair: [targetHealth]}"), "spec.drift.repair[0]"},
		{"when what is done about drift is none of the choices", fill(service, "", ", drift: {default: ignore}"), "spec.drift.default"},
		{"when an exclusion is a name", fill(service, "", ", approval: {excludeApplier: alice}"), "spec.approval.excludeApplier"},
		{"when a text is too long", fill(service, "", ", publish: {ssmParameter: {account: a, name: /"+strings.Repeat("a", 1011)+"}}"), "spec.publish.ssmParameter.name"},
		{"when publish says nothing", fill(service, "", ", publish: {}"), "spec.publish.ssmParameter"},
		{"when there are no tags to look for", strings.Replace(fill(service, "", ""), "{a: b}", "{}", 1), "spec.aws.loadBalancers"},
		{"when a number is too large", fill(connection, "", ", ingress: {targetGroup: a, port: 65536}"), "spec.ingress.port"},
		{"when a number is too small", fill(connection, "", ", ingress: {targetGroup: a, port: -1}"), "spec.ingress.port"},
		{"when a text is none of the choices", fill(connection, "", ", dns: {mode: zone}"), "spec.dns.mode"},
		{"when a text has another form", fill(connection, ", endpoint: vpc-1", ""), "spec.aws.endpoint"},
		{"when a field is of another kind", fill(connection, "", ", approval: {}"), "spec.approval"},
		{"when an endpoint has a place and is to find one", fill(connection, ", inventories: [hub]", ""), "spec.aws"},
		{"when an endpoint has no place", strings.Replace(fill(hub, "", ""), "inventories: [hub]", "", 1), "spec.aws"},
		{"when a VPC comes without subnets", strings.Replace(fill(connection, "", ""), ", subnets: [subnet-1]", "", 1), "spec.aws.subnets"},
		{"when subnets come without a VPC", fill(hub, ", subnets: [subnet-1]", ""), "spec.aws.subnets"},
		{"when an endpoint is taken over from inventories", fill(hub, ", endpoint: vpce-1", ""), "spec.aws.endpoint"},
		{"when a port is listed twice", fill(hub, ", securityGroup: {from: [10.0.0.0/8], ports: [443, 443]}", ""), "spec.aws.securityGroup.ports[1]"},
		{"when a port in a list is too large", fill(hub, ", securityGroup: {from: [10.0.0.0/8], ports: [65536]}", ""), "spec.aws.securityGroup.ports[0]"},
		{"when a port in a list is text", fill(hub, `, securityGroup: {from: [10.0.0.0/8], ports: ["443"]}`, ""), "spec.aws.securityGroup.ports[0]"},
		{"when there is no source", fill(hub, ", securityGroup: {from: []}", ""), "spec.aws.securityGroup.from"},
		{"when an entry has an unknown field", fill(hub, "", ", dns: {mode: hostedZone, hostedZone: {name: a.b, records: [{value: a}]}}"), "spec.dns.hostedZone.records[0].value"},
		{"when a field of an entry is none of the choices", fill(hub, "", ", dns: {mode: hostedZone, hostedZone: {name: a.b, records: [{type: CNAME}]}}"), "spec.dns.hostedZone.records[0].type"},
		{"when a zone has a name and an id", fill(hub, "", ", dns: {mode: hostedZone, hostedZone: {name: a.b, zoneID: Z1, records: [{}]}}"), "spec.dns.hostedZone"},
		{"when an entry lacks a field", fill(hub, "", ", dns: {mode: hostedZone, hostedZone: {name: a.b, records: [{}], vpcs: [{account: a}]}}"), "spec.dns.hostedZone.vpcs[0].vpc"},
		{"when an entry is text", fill(hub, "", ", dns: {mode: hostedZone, hostedZone: {name: a.b, records: [a.b]}}"), "spec.dns.hostedZone.records[0]"},
		{"when requests have two ways", fill(hub, "", ", ingress: {port: 443, targetGroup: a, route: {listeners: [{listener: a}], hosts: [a.b]}}"), "spec.ingress"},
		{"when requests have no way", fill(hub, "", ", ingress: {port: 443}"), "spec.ingress"},
		{"when a host is too long", fill(hub, "", strings.Replace(route(""), "a.b", strings.Repeat("a", 129), 1)), "spec.ingress.route.hosts[0]"},
		{"when a path does not begin with a slash", fill(hub, "", route(", paths: [api]")), "spec.ingress.route.paths[0]"},
		{"when codes are out of range", fill(hub, "", route(`, targets: {healthCheck: {codes: "200,500"}}`)), "spec.ingress.route.targets.healthCheck.codes"},
		{"when an attribute is no text", fill(hub, "", route(", targets: {attributes: {a: 1}}")), "spec.ingress.route.targets.attributes.a"},
		{"when a zone has the form of a name", strings.Replace(fill(inventory, "", ""), "euw1-az1", "eu-west-1a", 1), "spec.aws.vpcs[0].subnets[0].zoneID"},
		{"when an inventory is empty", `{apiVersion: linkwright/v1, kind: VPCInventory, metadata: {name: a}, spec: {account: a, region: eu-west-1, aws: {vpcs: []}}}`, "spec.aws.vpcs"},
		{"when an entry of an entry's list is listed twice", fill(inventory, ", routeTables: [rtb-1, rtb-1]", ""), "spec.aws.vpcs[0].routeTables[1]"},
		{"when an inventory keeps less than nothing free", strings.Replace(fill(inventory, "", ""), "vpcs:", "keepFree: {endpoints: -1}, vpcs:", 1), "spec.aws.keepFree.endpoints"},
		{"when a value is null", fill(connection, "", ", dns: null"), "spec.dns"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			file := link.File{Name: "spec.yaml", Data: []byte(c.document)}
			for _, document := range asJSON(t, file) {
				if schema.Validate(document) == nil {
					t.Error("the schema accepts it")
				}
			}
			_, err := link.Decode(file)
			var wrong link.Errors
			if !errors.As(err, &wrong) || !slices.ContainsFunc(wrong, func(e link.FieldError) bool { return e.Path == c.path }) {
				t.Errorf("got %v, want an error at %s", err, c.path)
			}
		})
	}
}

// fill puts fields into the places of a document.
func fill(document, inAWS, inSpec string) string {
	return strings.Replace(strings.Replace(document, "%s", inAWS, 1), "%s", inSpec, 1)
}
