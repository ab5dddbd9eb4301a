package accounts

import (
	"github.com/linkwright/linkwright/internal/accounts/file"
	"github.com/linkwright/linkwright/internal/buckets"
)

// limitsFrom are the buckets of an account, as this worker may use them: those that are documented for its cloud, and
// what the file says of them. Later entries go before earlier ones.
func limitsFrom(services map[string]buckets.Service, entries ...*file.Limits) map[string]buckets.Service {
	share, scale := 1., 1.
	for _, e := range entries {
		if e == nil {
			continue
		}
		if e.Share != nil {
			share = *e.Share
		}
		if e.Scale != nil {
			scale = *e.Scale
		}
		for name, own := range e.Buckets {
			s := services[name]
			var first []buckets.Bucket
			for _, b := range own {
				first = append(first, buckets.Bucket{Actions: b.Actions, Shared: b.Shared, Capacity: b.Capacity, Refill: b.Refill})
			}
			s.Limits = append(first, s.Limits...)
			services[name] = s
		}
	}
	for name, s := range services {
		for i := range s.Limits {
			s.Limits[i].Capacity *= share
			s.Limits[i].Refill *= share * scale
		}
		if s.Total != nil {
			s.Total.Capacity *= share
			s.Total.Refill *= share * scale
		}
		services[name] = s
	}
	return services
}
