package render

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/flows"
)

// Describer writes the full account of one flow.
type Describer struct {
	Style Style
	// Command is how the command line is called, with the flags that reach the same flows: "linkwright
	// --namespace lab". It begins every command that is suggested.
	Command string
	// Now is the moment that ages are counted to; its time zone is the one that times are told in.
	Now time.Time
}

// Describe writes everything that a status says, the most urgent first.
func (d Describer) Describe(s link.Status) string {
	sections := []string{d.head(s)}
	for _, section := range []string{
		d.blocked(s), d.waiting(s), d.drift(s), d.placement(s), d.room(s), d.seeking(s), d.conditions(s), d.resources(s), d.decisions(s), d.phases(s),
	} {
		if section != "" {
			sections = append(sections, section)
		}
	}
	return strings.Join(sections, "\n")
}

func (d Describer) head(s link.Status) string {
	t := table{style: d.Style, indent: "  "}
	phase := cell{string(s.Phase), phaseColor(s.Phase)}
	phase.text += " for " + age(s.Since, d.Now)
	if !s.Phase.Open() {
		phase.text = fmt.Sprintf("%s since %s", s.Phase, moment(s.Since, d.Now))
	}
	t.add(plain("Phase"), phase)
	if s.Kind == link.KindConnection {
		t.addText("Service", s.Service)
	}
	if s.ServiceName != "" {
		t.addText("Service name", s.ServiceName)
	}
	t.addText("Account", strings.Join(present(s.Account, s.Region, string(s.Cloud)), ", "))
	switch {
	case s.Phase == link.CleaningUp || s.Phase == link.CleanedUp:
		t.addText("Spec", "none: the flow does not run, and what it has left is removed"+by(s.AppliedBy))
	case s.Generation == 0:
		t.addText("Spec", "none: the consumer opened the endpoint by itself")
	case s.AppliedBy == "":
		t.addText("Spec", fmt.Sprintf("generation %d", s.Generation))
	default:
		t.addText("Spec", fmt.Sprintf("generation %d, applied by %s", s.Generation, s.AppliedBy))
	}
	return d.title("%s", Printable(fmt.Sprintf("%s %s", s.Kind, flows.RefOf(s).Path()))) + t.String()
}

// by says who has asked for something, if that is known.
func by(who string) string {
	if who == "" {
		return ""
	}
	return ", as asked by " + who
}

func (d Describer) blocked(s link.Status) string {
	p := s.Blocked
	if p == nil {
		return ""
	}
	t := table{style: d.Style, indent: "  "}
	if p.Call != "" {
		t.addText("Call", p.Call)
	}
	if p.Account != "" {
		t.addText("Account", strings.Join(present(p.Account, p.Region), ", "))
	}
	t.addText("Message", p.Message)
	t.add(plain("Remedy"), cell{p.Remedy, bold})
	next := "when told to"
	if !p.NextTry.IsZero() {
		next = "in " + Duration(p.NextTry.Sub(d.Now))
	}
	t.addText("Next try", fmt.Sprintf("%s; at once with: %s retry %s", next, d.Command, word(flows.RefOf(s).String())))
	heading := fmt.Sprintf("Blocked: %s", p.Reason)
	if !p.Since.IsZero() {
		heading += " for " + age(p.Since, d.Now)
	}
	return d.Style.paint(red, Printable(heading)) + "\n" + t.String()
}

func (d Describer) waiting(s link.Status) string {
	w := s.Waiting
	if w == nil {
		return ""
	}
	var b strings.Builder
	heading := fmt.Sprintf("Waiting for %s, for %s", Printable(w.For), age(w.Since, d.Now))
	if !w.Until.IsZero() {
		heading += ", until " + moment(w.Until, d.Now)
	}
	b.WriteString(d.Style.paint(yellow, heading) + "\n")
	for _, line := range w.Details {
		b.WriteString("  " + Printable(line) + "\n")
	}
	if s.Question != nil {
		b.WriteString("  The question is " + Printable(s.Question.Nonce) + ".\n")
	}
	if w.Approve != nil {
		b.WriteString("  To decide:\n")
		for _, command := range d.Decisions(s) {
			b.WriteString("    " + d.Style.paint(bold, command) + "\n")
		}
	}
	return b.String()
}

// Decisions are the commands that answer a flow which asks people: to approve, and to reject. A repair is approved or
// left.
func (d Describer) Decisions(s link.Status) []string {
	if s.Waiting == nil || s.Waiting.Approve == nil {
		return nil
	}
	asked := s.Waiting.Approve
	object := fmt.Sprintf("%s --endpoint %s --owner %s", word(flows.RefOf(s).Argument()), word(asked.Endpoint), word(asked.Owner))
	if asked.Link != "" {
		object += " --link " + word(asked.Link)
	}
	if s.Question != nil && s.Question.Proof == link.ProofSignature {
		object += " --sign-with KEY"
	}
	commands := []string{fmt.Sprintf("%s approve %s", d.Command, object)}
	if !s.AsksForRepair() {
		commands = append(commands, fmt.Sprintf("%s reject %s --reason '…'", d.Command, object))
	}
	return commands
}

var plainWord = regexp.MustCompile(`^[\w./:@+-]+$`)

// word writes a text so that a shell takes it for one word and nothing else.
func word(text string) string {
	if plainWord.MatchString(text) {
		return text
	}
	return "'" + strings.ReplaceAll(Printable(text), "'", `'\''`) + "'"
}

func (d Describer) conditions(s link.Status) string {
	if len(s.Conditions) == 0 {
		return ""
	}
	t := table{style: d.Style, indent: "  "}
	t.addText("CONDITION", "OK", "REASON", "AGE", "MESSAGE")
	for _, c := range s.Conditions {
		ok := cell{"no", yellow}
		if c.OK {
			ok = cell{"yes", green}
		}
		t.add(plain(string(c.Type)), ok, plain(c.Reason), plain(age(c.Since, d.Now)), plain(c.Message))
	}
	return d.title("Conditions") + t.String()
}

func (d Describer) resources(s link.Status) string {
	if len(s.Resources) == 0 {
		return ""
	}
	t := table{style: d.Style, indent: "  "}
	t.addText("RESOURCE", "ID", "ACCOUNT", "REGION", "DETAIL")
	for _, r := range s.Resources {
		t.addText(r.Kind, r.ID, orDash(r.Account), orDash(r.Region), r.Detail)
	}
	return d.title("Resources") + t.String()
}

func (d Describer) decisions(s link.Status) string {
	if len(s.Decisions) == 0 {
		return ""
	}
	t := table{style: d.Style, indent: "  "}
	t.addText("DECISION", "ENDPOINT", "OWNER", "BY", "VIA", "WHEN", "REASON")
	for _, v := range s.Decisions {
		by := v.By
		if v.Principal != "" {
			by = fmt.Sprintf("%s (authenticated: %s)", orDash(v.By), v.Principal)
		}
		if v.Key != "" {
			by = fmt.Sprintf("%s (signed: %s)", orDash(v.By), v.Key)
		}
		verb := plain(string(v.Verb))
		reason := v.Reason
		if v.Refused != "" {
			verb = cell{verb.text + ", refused", red}
			reason = strings.Join(present(reason, "refused: "+v.Refused), "; ")
		}
		t.add(verb, plain(orDash(v.Endpoint)), plain(orDash(v.Owner)), plain(orDash(by)), plain(orDash(string(v.Via))),
			plain(moment(v.At, d.Now)), plain(reason))
	}
	return d.title("Decisions") + t.String()
}

func (d Describer) phases(s link.Status) string {
	if len(s.Phases) == 0 {
		return ""
	}
	t := table{style: d.Style, indent: "  "}
	t.addText("PHASE", "ENTERED", "TOOK")
	for i, p := range s.Phases {
		took := phaseSpan(s, i, d.Now)
		if i == len(s.Phases)-1 && s.Phase.Open() {
			took += " so far"
		}
		t.addText(string(p.Phase), moment(p.Entered, d.Now), took)
	}
	return d.title("Phases") + t.String()
}

// phaseSpan is how long a phase took, or has taken so far; empty for the last phase of a flow that is over.
func phaseSpan(s link.Status, i int, now time.Time) string {
	switch {
	case i < len(s.Phases)-1:
		return span(s.Phases[i+1].Entered.Sub(s.Phases[i].Entered))
	case !s.Phase.Open():
		return ""
	}
	return Duration(now.Sub(s.Phases[i].Entered))
}

func (d Describer) title(format string, args ...any) string {
	return d.Style.paint(bold, fmt.Sprintf(format, args...)) + "\n"
}

// present keeps the strings that are not empty.
func present(texts ...string) []string {
	var kept []string
	for _, text := range texts {
		if text != "" {
			kept = append(kept, text)
		}
	}
	return kept
}
