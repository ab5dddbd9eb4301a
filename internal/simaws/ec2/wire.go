package ec2

import (
	"errors"
	"time"

	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// done is the result of actions that return only whether they succeeded.
type done struct {
	Return bool `xml:"return"`
}

// unsuccessful are the items of a batch that failed while the request as a whole succeeded.
type unsuccessful struct {
	Items []unsuccessfulItem `xml:"unsuccessful>item"`
}

type unsuccessfulItem struct {
	Error struct {
		Code    string `xml:"code"`
		Message string `xml:"message"`
	} `xml:"error"`
	ResourceID string `xml:"resourceId"`
}

// each carries out a batch: what fails is reported beside what succeeds.
func each(r *sim.Request, ids []string, do func(id string) error) (unsuccessful, error) {
	var u unsuccessful
	for _, id := range ids {
		err := failure(r)
		if err == nil {
			err = do(id)
		}
		if err == nil {
			continue
		}
		var e *sim.Error
		if !errors.As(err, &e) {
			return u, err
		}
		failed := unsuccessfulItem{ResourceID: id}
		failed.Error.Code, failed.Error.Message = e.Code, e.Message
		u.Items = append(u.Items, failed)
	}
	return u, nil
}

// failure is the one that the first item of a batch is to suffer, once.
func failure(r *sim.Request) error {
	if r.FailItem == nil {
		return nil
	}
	wanted := r.FailItem
	r.FailItem = nil
	return wanted
}

// timestamp writes a time as EC2 does, to the millisecond.
func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// missingParameter is the error for a required parameter that was left out.
func missingParameter(name string) *sim.Error {
	return sim.Errorf("MissingParameter", "The request must contain the parameter %s", name)
}
