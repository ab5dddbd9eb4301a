package aks

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/linkwright/linkwright/internal/link"
)

const prefix = "service.beta.kubernetes.io/azure-"

// The annotations.
const (
	internalBalancer = prefix + "load-balancer-internal"
	balancerSubnet   = prefix + "load-balancer-internal-subnet"
	noFloatingIP     = prefix + "disable-load-balancer-floating-ip"

	create        = prefix + "pls-create"
	name          = prefix + "pls-name"
	group         = prefix + "pls-resource-group"
	subnet        = prefix + "pls-ip-configuration-subnet"
	addressCount  = prefix + "pls-ip-configuration-ip-address-count"
	addresses     = prefix + "pls-ip-configuration-ip-address"
	fqdns         = prefix + "pls-fqdns"
	proxyProtocol = prefix + "pls-proxy-protocol"
	visibility    = prefix + "pls-visibility"
	autoApproval  = prefix + "pls-auto-approval"
)

// Service is what matters here of a Kubernetes Service.
type Service struct {
	Kind     string `yaml:"kind"`
	Metadata struct {
		Name        string            `yaml:"name"`
		Namespace   string            `yaml:"namespace,omitempty"`
		UID         string            `yaml:"uid,omitempty"`
		Annotations map[string]string `yaml:"annotations,omitempty"`
	} `yaml:"metadata"`
	Spec struct {
		Type string `yaml:"type"`
	} `yaml:"spec"`
	Status struct {
		LoadBalancer struct {
			Ingress []struct {
				IP string `yaml:"ip"`
			} `yaml:"ingress"`
		} `yaml:"loadBalancer"`
	} `yaml:"status"`
	// Items are those of a List, as kubectl get writes several.
	Items []Service `yaml:"items"`
}

// Read finds the Services in YAML or JSON that ask for a private link service; what else is there is left out.
func Read(data []byte) ([]Service, error) {
	var found []Service
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var one Service
		switch err := decoder.Decode(&one); {
		case errors.Is(err, io.EOF):
			return found, nil
		case err != nil:
			return nil, fmt.Errorf("read the Services: %w", err)
		}
		for _, s := range append(one.Items, one) {
			if s.Kind == "Service" && s.Metadata.Annotations[create] == "true" {
				found = append(found, s)
			}
		}
	}
}

// String is namespace/name.
func (s Service) String() string {
	if s.Metadata.Namespace == "" {
		return s.Metadata.Name
	}
	return s.Metadata.Namespace + "/" + s.Metadata.Name
}

// annotation is what an annotation says; empty when it is not there.
func (s Service) annotation(key string) string { return s.Metadata.Annotations[key] }

// list is what an annotation lists, separated by blanks; nil when it lists nothing.
func (s Service) list(key string) []string {
	if listed := strings.Fields(s.annotation(key)); len(listed) > 0 {
		return listed
	}
	return nil
}

// address is that of the Service's load balancer; empty before it has one.
func (s Service) address() string {
	if ingress := s.Status.LoadBalancer.Ingress; len(ingress) > 0 {
		return ingress[0].IP
	}
	return ""
}

// frontend is what the cloud controller calls the Service's frontend: the letter a and the UID without its dashes, at
// most 32 characters, with the name of the load balancer's subnet where one is named. Empty when the UID is not known.
func (s Service) frontend() string {
	if s.Metadata.UID == "" {
		return ""
	}
	id := "a" + strings.ReplaceAll(s.Metadata.UID, "-", "")
	id = id[:min(len(id), 32)]
	if of := s.annotation(balancerSubnet); of != "" {
		id += "-" + of
	}
	return id
}

// check says what the cloud controller would refuse, or what it would leave undone.
func (s Service) check() error {
	var wrong []error
	report := func(key, format string, args ...any) {
		wrong = append(wrong, fmt.Errorf("service %s: %s: %s", s, key, fmt.Sprintf(format, args...)))
	}
	if s.Spec.Type != "LoadBalancer" {
		report("spec.type", "is %q; only a Service of type LoadBalancer has a private link service", s.Spec.Type)
	}
	if s.annotation(internalBalancer) != "true" && s.annotation(noFloatingIP) != "true" {
		report(internalBalancer, `is not "true"; a private link service stands on an internal load balancer, or on one whose floating IP is switched off with %s`, noFloatingIP)
	}
	count, err := s.count()
	if err != nil {
		report(addressCount, "%v", err)
	}
	static := s.list(addresses)
	if err == nil && len(static) > count {
		report(addresses, "lists %d addresses, but %s says %d", len(static), addressCount, count)
	}
	for _, address := range static {
		if a, err := netip.ParseAddr(address); err != nil || !a.Is4() {
			report(addresses, "%q is not an IPv4 address", address)
		}
	}
	for _, key := range []string{visibility, autoApproval} {
		for _, subscription := range s.list(key) {
			if subscription != "*" && !link.IsGUID(subscription) {
				report(key, "%q is not the id of a subscription, nor *; they are separated by blanks", subscription)
			}
		}
	}
	return errors.Join(wrong...)
}

// count is how many addresses the private link service has.
func (s Service) count() (int, error) {
	text := s.annotation(addressCount)
	if text == "" {
		return 1, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > 8 {
		return 0, fmt.Errorf("%q is not a number from 1 to 8", text)
	}
	return n, nil
}
