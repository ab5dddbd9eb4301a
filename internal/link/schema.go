package link

import (
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/invopop/jsonschema"
)

// Schema returns the JSON Schema (draft 2020-12) of one document, for editors: with
// "# yaml-language-server: $schema=…" in its first line, a file is completed and checked while it is
// written. It is generated from the types of this package, their tags and their comments; [Decode] demands
// more than a schema can say.
func Schema() ([]byte, error) {
	schema, err := generateSchema()
	if err != nil {
		return nil, err
	}
	text, err := json.MarshalIndent(schema, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write the JSON Schema: %w", err)
	}
	return append(text, '\n'), nil
}

// generateSchema builds a schema that looks at the kind first, so that what an editor says of a document is
// about its own kind only.
func generateSchema() (*jsonschema.Schema, error) {
	found, err := comments()
	if err != nil {
		return nil, err
	}
	reflector := jsonschema.Reflector{
		Anonymous:                  true,
		RequiredFromJSONSchemaTags: true,
		Mapper:                     mapType,
		LookupComment:              func(t reflect.Type, field string) string { return said(found, t, field) },
	}
	kinds := []any{KindEndpointService, KindConnection, KindVPCInventory}
	schema := &jsonschema.Schema{
		Version:     jsonschema.Version,
		Title:       "Linkwright " + APIVersion,
		Description: "A private link: a published service, a connection to one, or the VPCs in which connections find a place.",
		Type:        "object",
		Properties:  jsonschema.NewProperties(),
		Required:    []string{"apiVersion", "kind", "metadata", "spec"},
		Definitions: jsonschema.Definitions{},
	}
	schema.Properties.Set("apiVersion", &jsonschema.Schema{Enum: []any{APIVersion}})
	schema.Properties.Set("kind", &jsonschema.Schema{Enum: kinds})
	for i, document := range []any{EndpointService{}, Connection{}, VPCInventory{}} {
		of := reflector.Reflect(document)
		for name, definition := range of.Definitions {
			schema.Definitions[name] = definition
		}
		isKind := jsonschema.NewProperties()
		isKind.Set("kind", &jsonschema.Schema{Const: kinds[i]})
		schema.AllOf = append(schema.AllOf, &jsonschema.Schema{
			If:   &jsonschema.Schema{Properties: isKind, Required: []string{"kind"}},
			Then: &jsonschema.Schema{Ref: of.Ref},
		})
	}
	return schema, nil
}

// mapType describes the types that are written otherwise than Go holds them.
func mapType(t reflect.Type) *jsonschema.Schema {
	if t != reflect.TypeFor[Duration]() {
		return nil
	}
	return &jsonschema.Schema{
		Type:     "string",
		Pattern:  `^([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$`,
		Examples: []any{"72h"},
	}
}

// JSONSchemaExtend adds to the schema what no tag can say: that no tags find no load balancer.
func (LoadBalancers) JSONSchemaExtend(schema *jsonschema.Schema) {
	if tags, ok := schema.Properties.Get("tags"); ok {
		least := uint64(1)
		tags.MinProperties = &least
	}
}

// JSONSchemaExtend adds to the schema what no tag can say: that subnets belong to a VPC.
func (AWSConnection) JSONSchemaExtend(schema *jsonschema.Schema) {
	schema.DependentRequired = map[string][]string{"vpc": {"subnets"}, "subnets": {"vpc"}, "endpoint": {"vpc"}}
}

// JSONSchemaExtend corrects the default of a list of numbers, which a tag can only give as text.
func (EndpointSecurityGroup) JSONSchemaExtend(schema *jsonschema.Schema) {
	if ports, ok := schema.Properties.Get("ports"); ok {
		ports.Default = []int32{443}
	}
}
