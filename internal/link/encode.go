package link

import (
	"bytes"
	"encoding/json"
	"fmt"

	"go.yaml.in/yaml/v3"
)

// Encode writes documents as YAML that [Decode] reads back, fields in the order of the reference page.
func Encode(documents ...Document) ([]byte, error) {
	if len(documents) == 0 {
		return nil, nil // the encoder cannot write an empty stream
	}
	var text bytes.Buffer
	encoder := yaml.NewEncoder(&text)
	encoder.SetIndent(2)
	for _, d := range documents {
		node, err := d.node()
		if err != nil {
			return nil, fmt.Errorf("write %s: %w", d.ID(), err)
		}
		if err := encoder.Encode(node); err != nil {
			return nil, fmt.Errorf("write %s: %w", d.ID(), err)
		}
	}
	if err := encoder.Close(); err != nil {
		return nil, fmt.Errorf("write specs: %w", err)
	}
	return text.Bytes(), nil
}

// node goes by way of JSON, whose tags the types carry and which is YAML as it stands, but for the style.
func (d Document) node() (*yaml.Node, error) {
	var document any = d.Connection
	switch {
	case d.Service != nil:
		document = d.Service
	case d.Inventory != nil:
		document = d.Inventory
	}
	text, err := json.Marshal(document)
	if err != nil {
		return nil, err
	}
	var node yaml.Node
	if err := yaml.Unmarshal(text, &node); err != nil {
		return nil, err
	}
	plain(&node)
	return &node, nil
}

// plain takes away the braces and quotes of JSON; where quotes are needed, the encoder puts them back.
func plain(n *yaml.Node) {
	n.Style = 0
	for _, child := range n.Content {
		plain(child)
	}
}
