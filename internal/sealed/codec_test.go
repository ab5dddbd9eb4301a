package sealed

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	commonpb "go.temporal.io/api/common/v1"
	failurepb "go.temporal.io/api/failure/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
	"google.golang.org/protobuf/proto"
)

// keysOf are the keys of some names, whose first encrypts; each key is made of its fill.
func keysOf(t *testing.T, names ...string) *Keys {
	t.Helper()
	content := "encryptWith: " + names[0][:1] + "\nkeys:\n"
	for _, name := range names { // "a" is key a; "ab" is another key of that name
		content += "- {name: " + name[:1] + ", key: " + secret(32, name[len(name)-1]) + "}\n"
	}
	keys, err := Load(keyFileWith(t, 0o600, content))
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func payload(t *testing.T, keys *Keys, text string) *commonpb.Payload {
	t.Helper()
	p, err := ForCaller(client.Options{}, keys).DataConverter.ToPayload(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestCodec(t *testing.T) {
	a := keysOf(t, "a")
	tampered := payload(t, a, "words")
	tampered.Data[len(tampered.Data)/2] ^= 1
	renamed := payload(t, a, "words")
	both := keysOf(t, "ba", "a") // b is the same key under another name
	renamed.Metadata[keyID] = []byte(both.encrypter.id)
	for _, c := range []struct {
		name    string
		payload *commonpb.Payload
		with    *Keys
		missing string // key id that the error names
		err     error
	}{
		{"when the key is there, it reads", payload(t, a, "words"), a, "", nil},
		{"when the key does not encrypt any more, it reads", payload(t, a, "words"), both, "", nil},
		{"when it is not encrypted, it reads without keys", payload(t, nil, "words"), nil, "", nil},
		{"when it is not encrypted, it reads with keys", payload(t, nil, "words"), a, "", nil},
		{"when there are no keys, it names the key", payload(t, a, "words"), nil, a.encrypter.id, nil},
		{"when the key is not there, it names it", payload(t, a, "words"), keysOf(t, "b"), a.encrypter.id, nil},
		{"when the key was overwritten, it is missing rather than wrong", payload(t, a, "words"), keysOf(t, "ab"), a.encrypter.id, nil},
		{"when it was changed, it does not read", tampered, a, "", ErrChanged},
		{"when it claims another key, it does not read", renamed, both, "", ErrChanged},
		{"when it is cut off, it does not read", &commonpb.Payload{Metadata: tampered.Metadata, Data: []byte("x")}, a, "", ErrChanged},
	} {
		t.Run(c.name, func(t *testing.T) {
			var text string
			err := ForCaller(client.Options{}, c.with).DataConverter.FromPayload(c.payload, &text)
			var missing *MissingKeyError
			switch {
			case c.missing != "":
				if !errors.As(err, &missing) || missing.Key != c.missing || !strings.Contains(err.Error(), c.missing) {
					t.Errorf("says %v, want key %s", err, c.missing)
				}
			case !errors.Is(err, c.err):
				t.Errorf("says %v, want %v", err, c.err)
			case c.err == nil && text != "words":
				t.Errorf("reads %q", text)
			}
		})
	}
}

// A workflow that went on without a key would forget what happened; one that saw nothing of a forged signal would
// count the next one wrongly.
func TestWorkflowsStandStillWithoutAKeyAndSeeWhatIsForged(t *testing.T) {
	a := keysOf(t, "a")
	forged := payload(t, a, "words")
	forged.Data[0] ^= 1
	of := func(keys *Keys) converter.DataConverter {
		return ForWorker(client.Options{}, keys).DataConverter.(workflow.ContextAware).WithWorkflowContext(nil)
	}
	var raw converter.RawValue
	if err := of(a).FromPayload(forged, &raw); err != nil || !proto.Equal(raw.Payload(), forged) {
		t.Errorf("what is forged reads %v, %v", raw.Payload(), err)
	}
	var text string
	if err := of(a).FromPayload(forged, &text); err == nil {
		t.Error("what is forged has a meaning")
	}
	if err := of(a).FromPayload(payload(t, a, "words"), &text); err != nil || text != "words" {
		t.Errorf("with the key it reads %q, %v", text, err)
	}
	defer func() {
		var missing *MissingKeyError
		if err, ok := recover().(error); !ok || !errors.As(err, &missing) {
			t.Errorf("without the key the workflow goes on: %v", err)
		}
	}()
	err := of(nil).FromPayload(payload(t, a, "words"), &text)
	t.Errorf("without the key it reads %q, %v", text, err)
}

func TestNothingIsLeftInClear(t *testing.T) {
	a := keysOf(t, "a")
	one, two := payload(t, a, "secret words"), payload(t, a, "secret words")
	raw, err := proto.Marshal(one)
	if err != nil {
		t.Fatal(err)
	}
	for _, clear := range []string{"secret", "words", "json"} {
		if bytes.Contains(raw, []byte(clear)) {
			t.Errorf("%q can be read", clear)
		}
	}
	if bytes.Equal(one.Data, two.Data) {
		t.Error("what is the same looks the same")
	}
}

func TestFailures(t *testing.T) {
	a := keysOf(t, "a")
	written := ForWorker(client.Options{}, a).FailureConverter.ErrorToFailure(
		temporal.NewApplicationError("secret words", "Blocked", "secret detail"))
	raw, err := proto.Marshal(written)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(raw, []byte("secret")) {
		t.Errorf("the failure can be read: %s", raw)
	}
	if got := ForCaller(client.Options{}, a).FailureConverter.FailureToError(proto.Clone(written).(*failurepb.Failure)); got.Error() != "secret words (type: Blocked, retryable: true)" {
		t.Errorf("reads %q", got)
	}
	var missing *MissingKeyError
	if err := ForCaller(client.Options{}, nil).FailureConverter.FailureToError(proto.Clone(written).(*failurepb.Failure)); !errors.As(err, &missing) {
		t.Errorf("without keys it reads %v, want the missing key", err)
	}
	wrapped := &failurepb.Failure{Message: "activity failed", Cause: written}
	if err := ForCaller(client.Options{}, nil).FailureConverter.FailureToError(wrapped); !errors.As(err, &missing) {
		t.Errorf("a cause without keys reads %v, want the missing key", err)
	}
	plain := ForWorker(client.Options{}, nil).FailureConverter.ErrorToFailure(errors.New("clear words"))
	if plain.Message != "clear words" {
		t.Errorf("without keys a failure is written as %q", plain.Message)
	}
}

func FuzzDecode(f *testing.F) {
	keys, err := parse("keys.yaml", []byte("encryptWith: a\nkeys:\n- {name: a, key: "+secret(32, 'a')+"}\n"))
	if err != nil {
		f.Fatal(err)
	}
	codec := NewCodec(keys)
	sealed, err := codec.Encode([]*commonpb.Payload{{Data: []byte("words")}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(encoding, string(sealed[0].Metadata[keyID]), sealed[0].Data)
	f.Add(encoding, "", []byte(nil))
	f.Add("json/plain", "", []byte(`"words"`))
	f.Fuzz(func(t *testing.T, enc, id string, data []byte) {
		in := &commonpb.Payload{Metadata: map[string][]byte{converter.MetadataEncoding: []byte(enc), keyID: []byte(id)}, Data: data}
		before := proto.Clone(in)
		out, err := codec.Decode([]*commonpb.Payload{in})
		if !proto.Equal(in, before) {
			t.Error("the payload was changed")
		}
		var missing *MissingKeyError
		if err != nil && !errors.As(err, &missing) && !errors.Is(err, ErrChanged) {
			t.Errorf("fails with %v", err)
		}
		if err == nil && enc != encoding && !slices.Equal(out[0].Data, data) {
			t.Error("what is not encrypted was changed")
		}
	})
}
