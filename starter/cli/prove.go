package cli

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/flows"
	"github.com/linkwright/linkwright/starter/cli/sign"
)

// proof is how a person proves a decision to be theirs; at most one way is chosen.
type proof struct {
	// key signs the decision, file holds a signature that was made by hand, and print shows what is to be signed.
	key, file string
	print     bool
}

func (p *proof) flags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&p.key, "sign-with", "", "sign the decision with this private key file, or public key file whose private key ssh-agent has")
	flags.StringVar(&p.file, "signature", "", "file with a signature over what --print shows, made with ssh-keygen -Y sign -n "+link.SignatureNamespace)
	flags.BoolVar(&p.print, "print", false, "print what is to be signed, and decide nothing")
	cmd.MarkFlagsMutuallyExclusive("sign-with", "signature", "print")
}

func (p proof) signed() bool { return p.key != "" || p.file != "" }

// fits makes sure, before anything is sent, that the proof is what the question asks for.
func (p proof) fits(ref flows.Ref, verb link.Verb, q *link.Question) error {
	wanted := q != nil && q.Proof == link.ProofSignature
	switch {
	case wanted && !p.signed():
		return fmt.Errorf("%[1]s takes signed decisions only: add --sign-with KEY, the file of your SSH key, or sign what `linkwright %[2]s %[3]s --print` "+
			"shows with ssh-keygen -Y sign -n %[4]s, and add --signature FILE", ref, verb, ref.Argument(), link.SignatureNamespace)
	case p.signed() && !wanted:
		return fmt.Errorf("%s asks for no signature, so nobody would look at it: leave --sign-with or --signature out", ref)
	}
	return nil
}

// statement is the canonical text of a decision.
func statement(ref flows.Ref, d link.Decision) (string, error) {
	if d.Nonce == "" {
		return "", fmt.Errorf("%s asks nothing that could be signed", ref)
	}
	return link.Statement{Workflow: ref.WorkflowID(), Endpoint: d.Endpoint, Owner: d.Owner, Decision: d.Verb, Nonce: d.Nonce}.Text()
}

// printStatement writes what is to be signed, to the last byte.
func (a *app) printStatement(ref flows.Ref, d link.Decision) error {
	text, err := statement(ref, d)
	if err != nil {
		return err
	}
	_, err = fmt.Fprint(a.Out, text)
	return err
}

// signature is the signature over a decision; empty where none was asked for.
func (a *app) signature(ctx context.Context, ref flows.Ref, d link.Decision, p proof) (armored string, err error) {
	switch {
	case p.file != "":
		data, err := os.ReadFile(p.file)
		if err != nil {
			return "", fmt.Errorf("read the signature: %w", err)
		}
		return string(data), nil
	case p.key == "":
		return "", nil
	}
	text, err := statement(ref, d)
	if err != nil {
		return "", err
	}
	key, err := sign.Load(p.key, func(prompt string) ([]byte, error) { return a.passphrase(ctx, prompt) })
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, key.Close()) }()
	return key.Sign(text)
}

// passphrase asks a person for what they type unseen.
func (a *app) passphrase(ctx context.Context, prompt string) ([]byte, error) {
	in, ok := a.In.(*os.File)
	if !a.interactive || !ok {
		return nil, errors.New("there is no terminal to ask for it on")
	}
	terminal := int(in.Fd())
	before, err := term.GetState(terminal)
	if err != nil {
		return nil, fmt.Errorf("ask for it: %w", err)
	}
	fmt.Fprint(a.Err, prompt)
	type answer struct {
		words []byte
		err   error
	}
	typed := make(chan answer, 1)
	go func() {
		words, err := term.ReadPassword(terminal)
		typed <- answer{words, err}
	}()
	select {
	case <-ctx.Done():
		return nil, errors.Join(context.Cause(ctx), term.Restore(terminal, before))
	case t := <-typed:
		fmt.Fprintln(a.Err)
		return t.words, t.err
	}
}
