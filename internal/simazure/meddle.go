package simazure

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/linkwright/linkwright/internal/simazure/arm"
	"github.com/linkwright/linkwright/internal/simcloud"
)

// meddle has somebody else delete or change what a call names, before the call is carried out. A change is paths into
// the resource as it is read, with the values that they get: {"properties.aRecords.0.ipv4Address": "10.9.9.9"}. A
// private endpoint and a connection also take {"status": "Rejected"}, which is what the service's owner then decides;
// "Disconnected" ends the connection.
func (c *Cloud) meddle(r *arm.Request, hit *simcloud.Rule) error {
	call := c.describe(r)
	id, ok := idOf(hit.Named(call), call.Names)
	if !ok {
		return fmt.Errorf("%q is the name of no resource", hit.Named(call))
	}
	c.parts.world.Lock()
	defer c.parts.world.Unlock()
	c.parts.settle()
	if hit.Effect == simcloud.EffectDelete {
		_, err := c.act(http.MethodDelete, id, nil)
		return err
	}
	if status, ok := hit.Change["status"]; ok {
		return c.parts.network.Decide(id, status)
	}
	read, err := c.act(http.MethodGet, id, nil)
	if err != nil {
		return err
	}
	changed, err := altered(read.Body, hit.Change)
	if err != nil {
		return err
	}
	_, err = c.act(http.MethodPut, id, changed)
	return err
}

// idOf is the resource id that a name stands for: itself, or the first one among the names that ends in it.
func idOf(name string, names []string) (arm.ID, bool) {
	for _, full := range names {
		if strings.HasPrefix(full, "/subscriptions/") && (full == name || strings.HasSuffix(strings.ToLower(full), "/"+strings.ToLower(name))) {
			return arm.ID(full), true
		}
	}
	return "", false
}

// act does something in the cloud that nobody asks for over the wire, whatever roles say, and at once. It runs with the
// world locked.
func (c *Cloud) act(method string, id arm.ID, body any) (arm.Response, error) {
	data, err := json.Marshal(body)
	if err != nil {
		return arm.Response{}, err
	}
	route, params, err := arm.Find(c.parts.routes, method, string(id))
	if err != nil {
		return arm.Response{}, err
	}
	response, err := route.Do(&arm.Request{
		Context: context.Background(), ID: uuid.NewString(), Method: method, Path: string(id), Query: url.Values{}, Header: http.Header{},
		Body: data, Endpoint: c.URL(), Route: route, Params: params, AtOnce: true,
	})
	c.parts.settle()
	return response, err
}

// altered is a resource with other values.
func altered(resource any, change map[string]string) (any, error) {
	data, err := json.Marshal(resource)
	if err != nil {
		return nil, err
	}
	var tree any
	if err := json.Unmarshal(data, &tree); err != nil {
		return nil, err
	}
	for path, value := range change {
		var parsed any
		if err := json.Unmarshal([]byte(value), &parsed); err != nil {
			parsed = value // a text without quotation marks
		}
		if err := set(tree, strings.Split(path, "."), parsed); err != nil {
			return nil, fmt.Errorf("change of %s: %w", path, err)
		}
	}
	return tree, nil
}

// set puts a value at a path.
func set(tree any, path []string, value any) error {
	switch node := tree.(type) {
	case map[string]any:
		if len(path) == 1 {
			node[path[0]] = value
			return nil
		}
		if node[path[0]] == nil {
			node[path[0]] = map[string]any{}
		}
		return set(node[path[0]], path[1:], value)
	case []any:
		i, err := strconv.Atoi(path[0])
		if err != nil || i < 0 || i >= len(node) {
			return fmt.Errorf("the list has no item %s", path[0])
		}
		if len(path) == 1 {
			node[i] = value
			return nil
		}
		return set(node[i], path[1:], value)
	}
	return errors.New("the path leads through a value")
}
