package e2e

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	sdkpb "go.temporal.io/api/sdk/v1"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli"
	"github.com/linkwright/linkwright/starter/cli/flows"
	"github.com/linkwright/linkwright/workflows"
)

// nobodysKey is what the workers' allowed signers list before any test adds its own people: a key whose other
// half nobody has.
const nobodysKey = "nobody ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPKKsuIdU4oEmtDdDTHQlUdf4omkFGa62s5a/CGlmfGp\n"

// signersMu guards the file of allowed signers, which all tests share.
var signersMu sync.Mutex

// allow adds lines to the workers' allowed signers.
func (s *scene) allow(lines ...string) {
	s.t.Helper()
	signersMu.Lock()
	defer signersMu.Unlock()
	path := shared.AllowedSigners()
	before, err := os.ReadFile(path)
	if err != nil {
		s.t.Fatal(err)
	}
	next := path + ".next" // put in its place whole, as an administrator should
	if err := os.WriteFile(next, append(before, strings.Join(lines, "")...), 0o600); err != nil {
		s.t.Fatal(err)
	}
	if err := os.Rename(next, path); err != nil {
		s.t.Fatal(err)
	}
}

// shell runs a command line as a person at a prompt does.
func (s *scene) shell(stdin, line string) string {
	s.t.Helper()
	cmd := exec.CommandContext(s.ctx, "sh", "-euc", line)
	cmd.Stdin = strings.NewReader(stdin)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		s.t.Fatalf("%s: %v\n%s", line, err, errs.String())
	}
	return string(out)
}

// signer is a person with a key that ssh-keygen made.
type signer struct {
	name, key, line string
}

func (s *scene) newSigner(name string, kind ...string) signer {
	s.t.Helper()
	key := filepath.Join(s.t.TempDir(), "id")
	s.shell("", fmt.Sprintf("ssh-keygen -q -N '' -C '' -f %s -t %s", key, strings.Join(kind, " ")))
	public, err := os.ReadFile(key + ".pub")
	if err != nil {
		s.t.Fatal(err)
	}
	return signer{name, key, name + ` namespaces="linkwright" ` + string(public)}
}

func needOpenSSH(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("ssh-keygen"); err != nil {
		t.Skip("left out: it needs ssh-keygen (Debian: apt-get install openssh-client)")
	}
}

// asks sets what a service's approvals must fulfil.
func asks(approvers int32, proof link.ApprovalProof) func(*link.EndpointServiceSpec) {
	return func(spec *link.EndpointServiceSpec) {
		spec.Approval = &link.ApprovalPolicy{Approvers: &approvers, ExcludeApplier: true, Proof: proof}
	}
}

func TestFourEyesBySignature(t *testing.T) {
	needOpenSSH(t)
	t.Parallel()
	s := newScene(t)
	ann, ben, cleo := s.newSigner(s.name+"-ann", "ed25519"), s.newSigner(s.name+"-ben", "ecdsa"), s.newSigner(s.name+"-cleo", "rsa -b 2048")
	tester := s.newSigner("tester", "ed25519") // who applies the specs of all scenes
	stranger := s.newSigner(s.name+"-stranger", "ed25519")
	s.allow(ann.line, ben.line, cleo.line, tester.line)
	s.publish(bare, asks(3, link.ProofSignature))
	ref := s.connect("shop", plain)
	asked := s.awaitQuestion(ref)
	shop := ref.Path()

	s.run("describe", shop).expect(t, cli.ExitOK, "0 of 3 approvals", "Who has applied it may not approve it: tester", asked.Nonce, "--sign-with KEY")
	s.run("approve", shop, "--yes").expect(t, cli.ExitError, "takes signed decisions only", "--sign-with KEY")
	bare := asked
	bare.Verb, bare.By, bare.Signature = link.Approve, ann.name, ""
	if _, err := s.flows.Decide(s.ctx, ref, bare); err == nil || !strings.Contains(err.Error(), "is not signed") {
		t.Errorf("a claim came to %v", err)
	}
	s.run("approve", shop, "--yes", "--sign-with", stranger.key).expect(t, cli.ExitError, "not among the workers' allowed signers")
	s.run("approve", shop, "--yes", "--sign-with", tester.key).expect(t, cli.ExitError, "tester has applied the spec")

	// The first with linkwright, the second by hand, the third from what the Temporal UI shows.
	s.run("approve", shop, "--yes", "--sign-with", ann.key).expect(t, cli.ExitOK, "by "+ann.name, "1 of 3 approvals")
	s.run("approve", shop, "--yes", "--sign-with", ann.key).expect(t, cli.ExitError, ann.name+" has approved already")
	decision := s.file("decision", s.run("approve", shop, "--print").out)
	s.shell("", "ssh-keygen -q -Y sign -n linkwright -f "+ben.key+" "+decision)
	s.run("approve", shop, "--yes", "--as", cleo.name, "--signature", decision+".sig").expect(t, cli.ExitError, "may not sign for")
	s.run("approve", shop, "--yes", "--as", ben.name, "--signature", decision+".sig").expect(t, cli.ExitOK, "by "+ben.name, "2 of 3 approvals")
	s.run("describe", shop).expect(t, cli.ExitOK, "2 of 3 approvals: "+ann.name+", "+ben.name)
	pasted := asked
	pasted.Verb, pasted.By, pasted.Signature = link.Approve, cleo.name, s.shell("", strings.Replace(s.command(ref), "KEY", cleo.key, 1))
	if strings.Contains(pasted.Signature, "\n") {
		t.Errorf("what is to be pasted has line breaks: %q", pasted.Signature)
	}
	if _, err := s.flows.Decide(s.ctx, ref, pasted); err != nil {
		t.Error(err)
	}
	status := s.awaitArrival(ref)

	if approved, _ := status.Condition(link.Approved); approved.Message != "by "+ann.name+" and "+ben.name+" and "+cleo.name {
		t.Errorf("approved %s", approved.Message)
	}
	s.wantVerifiable(ref, status, ann, ben, cleo)
	if refused := slices.DeleteFunc(slices.Clone(status.Decisions), func(d link.Decision) bool { return d.Refused == "" }); len(refused) != 5 {
		t.Errorf("%d decisions are recorded as refused: %+v", len(refused), refused)
	}
	s.run("reject", shop, "--yes", "--endpoint", asked.Endpoint, "--owner", asked.Owner).expect(t, cli.ExitError, "takes signed decisions only")
	s.run("reject", shop, "--yes", "--endpoint", asked.Endpoint, "--owner", asked.Owner, "--sign-with", ben.key).expect(t, cli.ExitOK, "rejected", "by "+ben.name)
	s.awaitPhase(ref, link.Rejected)
	s.takeDown()
}

// command is the command that the Temporal UI shows to sign with.
func (s *scene) command(ref flows.Ref) string {
	s.t.Helper()
	answer, err := shared.Client.QueryWorkflow(s.ctx, ref.WorkflowID(), "", "__temporal_workflow_metadata")
	if err != nil {
		s.t.Fatal(err)
	}
	var metadata sdkpb.WorkflowMetadata
	if err := answer.Get(&metadata); err != nil {
		s.t.Fatal(err)
	}
	found := regexp.MustCompile("(?s)```sh\n(.*?)```").FindStringSubmatch(metadata.GetCurrentDetails())
	if found == nil {
		s.t.Fatalf("no command to sign with in:\n%s", metadata.GetCurrentDetails())
	}
	return found[1]
}

// wantVerifiable has ssh-keygen verify the signatures that are kept, from what the status says alone.
func (s *scene) wantVerifiable(ref flows.Ref, status link.Status, people ...signer) {
	s.t.Helper()
	for _, p := range people {
		i := slices.IndexFunc(status.Decisions, func(d link.Decision) bool { return d.Proven == p.name && d.Refused == "" })
		if i < 0 {
			s.t.Errorf("no decision of %s is kept", p.name)
			continue
		}
		d := status.Decisions[i]
		text, err := link.Statement{Workflow: ref.WorkflowID(), Endpoint: d.Endpoint, Owner: d.Owner, Decision: d.Verb, Nonce: d.Nonce}.Text()
		if err != nil {
			s.t.Fatal(err)
		}
		said := s.shell(text, fmt.Sprintf("ssh-keygen -Y verify -n linkwright -I %s -f %s -s %s",
			p.name, s.file("signers", p.line), s.file("sig", d.Signature)))
		if !strings.Contains(said, "Good") || !strings.Contains(said, d.Key) {
			s.t.Errorf("ssh-keygen says %s of a signature with %s", said, d.Key)
		}
	}
}

// as is the client configuration of somebody whom Temporal authenticates.
func (s *scene) as(token string) []string {
	return []string{"--config", s.file("temporal.toml", fmt.Sprintf("[profile.default]\napi_key = %q\ntls = { disabled = true }\n", token))}
}

func TestFourEyesByPrincipal(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.publish(bare, asks(2, link.ProofPrincipal))
	doc := s.connectionSpec("shop", plain)
	client, err := shared.Temporal.DialAs(s.ctx, aliceToken)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	s.insist(func() error { // alice applies, and says that she is somebody else
		_, err := flows.New(client, shared.Temporal.Address(), "default").ApplyConnection(s.ctx, doc, "mallory")
		return err
	})
	ref := s.connection("shop")
	asked := s.awaitQuestion(ref)
	approve := func(token string, args ...string) said {
		return s.run(append(append([]string{"approve", ref.Path(), "--yes"}, args...), s.as(token)...)...)
	}

	s.run("approve", ref.Path(), "--yes", "--as", bob).expect(t, cli.ExitError, "has not authenticated who sent")
	asked.Verb, asked.By = link.Approve, bob
	if _, err := s.flows.Decide(s.ctx, ref, asked); err == nil || !strings.Contains(err.Error(), "send the signal") {
		t.Errorf("an update came to %v", err)
	}
	approve(aliceToken, "--as", bob).expect(t, cli.ExitError, alice+" has applied the spec")
	// What is no decision must not shift whose the next ones are.
	if err := client.SignalWorkflow(s.ctx, ref.WorkflowID(), "", workflows.ApproveUpdate, "garbage"); err != nil {
		t.Fatal(err)
	}
	approve(bobToken, "--as", "whoever").expect(t, cli.ExitOK, "by "+bob, "1 of 2 approvals")
	approve(aliceToken).expect(t, cli.ExitError, alice+" has applied the spec")
	approve(bobToken, "--as", carol).expect(t, cli.ExitError, bob+" has approved already")
	approve(carolToken).expect(t, cli.ExitOK, "by "+carol)
	status := s.awaitArrival(ref)

	if approved, _ := status.Condition(link.Approved); approved.Message != "by "+bob+" and "+carol {
		t.Errorf("approved %s", approved.Message)
	}
	if !slices.Equal(status.Question.Excluded, []string{"mallory", alice}) {
		t.Errorf("excluded are %v", status.Question.Excluded)
	}
	s.takeDown()
}

// Whoever may signal can send what flows send to one another; it must not let anything in.
func TestWhenAServiceIsMadeUpTheRealOneIsAsked(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.publish(bare)
	ref := s.connect("shop", plain)
	asked := s.awaitQuestion(ref)
	forge := func(signal string, message any) {
		if err := shared.Client.SignalWorkflow(s.ctx, ref.WorkflowID(), "", signal, message); err != nil {
			t.Fatal(err)
		}
	}
	forge("linkwright.service", map[string]any{
		"open": true, "id": "vpce-svc-0", "name": "none", "account": s.provider(), "region": region,
		"approval": link.ApprovalPolicy{Mode: link.ApproveAutomatically},
	})
	forge("linkwright.changes", []map[string]any{{
		"kind": "endpoint", "id": asked.Endpoint, "seen": "x",
		"endpoint": map[string]any{"id": asked.Endpoint, "owner": asked.Owner, "state": "available"},
	}})
	wrong := asked
	wrong.Endpoint, wrong.By = "vpce-0123456789abcdef0", "mallory"
	forge(workflows.ApproveUpdate, wrong)
	status := s.await(ref, "to refuse the last of them", func(st link.Status) bool { return len(st.Decisions) == 1 })
	status = s.await(ref, "to ask again", func(st link.Status) bool { return st.Phase == link.AwaitingApproval && st.Waiting != nil })
	if state := s.endpoint(asked.Endpoint).State; !strings.EqualFold(string(state), "pendingAcceptance") || len(status.Decisions) != 1 {
		t.Errorf("the endpoint is %s, decisions %+v", state, status.Decisions)
	}
	s.decide(ref, link.Approve)
	s.awaitArrival(ref)
	s.takeDown()
}
