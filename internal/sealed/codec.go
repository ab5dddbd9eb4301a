package sealed

import (
	"errors"
	"fmt"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/proto"
)

const (
	// encoding marks what is encrypted, and keyID says with which key; both are Temporal's customary words.
	encoding = "binary/encrypted"
	keyID    = "encryption-key-id"
	// format is bound to every message together with its key's id. A new layout gets a new number.
	format = "linkwright/1"
)

// Codec encrypts payloads whole, with what Temporal notes about their types, and decrypts them. Payloads that
// are not encrypted pass through Decode as they are: those from before encryption was switched on, and those
// from people who send a signal without it.
type Codec struct {
	keys *Keys
}

var _ converter.PayloadCodec = Codec{}

// NewCodec returns the codec of some keys. With nil keys it encrypts nothing, and refuses what is encrypted.
func NewCodec(keys *Keys) Codec { return Codec{keys} }

// Encode implements [converter.PayloadCodec].
func (c Codec) Encode(payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
	if c.keys == nil {
		return payloads, nil
	}
	return each(payloads, c.encrypt)
}

// Decode implements [converter.PayloadCodec]. It fails with a [*MissingKeyError] or with [ErrChanged].
func (c Codec) Decode(payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
	return each(payloads, c.decrypt)
}

func (c Codec) encrypt(p *commonpb.Payload) (*commonpb.Payload, error) {
	plain, err := proto.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("encrypt a payload: %w", err)
	}
	with := c.keys.encrypter
	return &commonpb.Payload{
		Metadata: map[string][]byte{converter.MetadataEncoding: []byte(encoding), keyID: []byte(with.id)},
		Data:     with.cipher.Seal(nil, nil, plain, bound(with.id)),
	}, nil
}

func (c Codec) decrypt(p *commonpb.Payload) (*commonpb.Payload, error) {
	if string(p.GetMetadata()[converter.MetadataEncoding]) != encoding {
		return p, nil
	}
	id := string(p.GetMetadata()[keyID])
	with, err := c.keys.find(id)
	if err != nil {
		return nil, err
	}
	plain, err := with.cipher.Open(nil, nil, p.GetData(), bound(id))
	if err != nil {
		return nil, fmt.Errorf("a payload of key %q %w", id, ErrChanged)
	}
	var inner commonpb.Payload
	if err := proto.Unmarshal(plain, &inner); err != nil {
		return nil, errors.Join(fmt.Errorf("a payload of key %q %w", id, ErrChanged), err)
	}
	return &inner, nil
}

// bound is what a message is bound to beside its key: it cannot pass for another format or another key's.
func bound(id string) []byte { return []byte(format + "\x00" + encoding + "\x00" + id) }

func each(payloads []*commonpb.Payload, do func(*commonpb.Payload) (*commonpb.Payload, error)) ([]*commonpb.Payload, error) {
	result := make([]*commonpb.Payload, len(payloads))
	for i, p := range payloads {
		var err error
		if result[i], err = do(p); err != nil {
			return nil, err
		}
	}
	return result, nil
}
