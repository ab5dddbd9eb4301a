package sealed

import (
	"context"
	"errors"

	commonpb "go.temporal.io/api/common/v1"
	failurepb "go.temporal.io/api/failure/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// ForCaller makes a client of these options encrypt what it sends and decrypt what it reads. Nil keys encrypt
// nothing, and make what is encrypted a [*MissingKeyError].
func ForCaller(o client.Options, keys *Keys) client.Options {
	codec := NewCodec(keys)
	o.DataConverter = converter.NewCodecDataConverter(converter.GetDefaultDataConverter(), codec)
	o.FailureConverter = callerFailures{failures(o.DataConverter, keys), codec}
	return o
}

// ForWorker is [ForCaller] for a client whose only reader is a worker. A workflow that meets a missing key stands
// still until a worker has it: to go on without would be to forget what happened, and its history would not fit
// a worker with the key any more.
func ForWorker(o client.Options, keys *Keys) client.Options {
	codec := NewCodec(keys)
	strict := converter.NewCodecDataConverter(converter.GetDefaultDataConverter(), strictCodec{codec})
	o.DataConverter = workerConverter{strict, converter.NewCodecDataConverter(converter.GetDefaultDataConverter(), codec)}
	o.FailureConverter = failures(strict, keys)
	return o
}

// failures converts errors, and encrypts their messages and stack traces when there are keys.
func failures(dc converter.DataConverter, keys *Keys) converter.FailureConverter {
	return temporal.NewDefaultFailureConverter(temporal.DefaultFailureConverterOptions{
		DataConverter: dc, EncodeCommonAttributes: keys != nil,
	})
}

// callerFailures tells a caller that it lacks a key, where the SDK would say "Encoded failure".
type callerFailures struct {
	converter.FailureConverter
	codec Codec
}

// FailureToError implements [converter.FailureConverter].
func (c callerFailures) FailureToError(failure *failurepb.Failure) error {
	for f := failure; f != nil; f = f.GetCause() {
		if f.GetEncodedAttributes() == nil {
			continue
		}
		var missing *MissingKeyError
		if _, err := c.codec.decrypt(f.GetEncodedAttributes()); errors.As(err, &missing) {
			return missing
		}
	}
	return c.FailureConverter.FailureToError(failure)
}

// workerConverter is strict with workflows; a step that cannot read what it is asked for fails, and is tried again.
type workerConverter struct {
	converter.DataConverter // the strict one
	steps                   converter.DataConverter
}

var _ workflow.ContextAware = workerConverter{}

// WithWorkflowContext implements [workflow.ContextAware].
func (w workerConverter) WithWorkflowContext(workflow.Context) converter.DataConverter {
	return w.DataConverter
}

// WithContext implements [workflow.ContextAware]; the context is a step's.
func (w workerConverter) WithContext(context.Context) converter.DataConverter { return w.steps }

// strictCodec makes a missing key fail the workflow task, which Temporal then tries again. A panic is the SDK's
// way of asking for that, see [converter.PayloadCodec]; an error would fail the workflow when its input cannot
// be read, and drop the message when a signal cannot. What no key will ever decrypt stays as it is: it cannot be
// read, but it is seen to have come, which counts where signals are counted.
type strictCodec struct {
	Codec
}

// Decode implements [converter.PayloadCodec].
func (s strictCodec) Decode(payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
	return each(payloads, func(p *commonpb.Payload) (*commonpb.Payload, error) {
		clear, err := s.decrypt(p)
		var missing *MissingKeyError
		switch {
		case errors.As(err, &missing):
			panic(missing)
		case errors.Is(err, ErrChanged):
			return p, nil
		}
		return clear, err
	})
}
