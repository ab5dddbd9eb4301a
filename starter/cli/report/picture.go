package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/flows"
)

// How much is drawn: beyond that, a picture shows nothing any more.
const (
	maxServices = 60
	maxAccounts = 60
	maxLines    = 300
)

// picture is who is connected to what: services on the left, consumers' accounts on the right, and a line for all
// connections between the two.
type picture struct {
	Width, Height int
	Services      []box
	Accounts      []box
	Lines         []line
	// LeftOut are the connections that are not drawn, and Drawn those that are.
	LeftOut, Drawn int
}

// box is a service, or an account.
type box struct {
	Name, Under string
	State       state
	X, Y, W, H  int
	// ports is how many lines end here.
	ports int
	// pull is where the lines lead, on the average; boxes are put in its order.
	pull float64
}

// line is all connections of an account to a service.
type line struct {
	Service, Account string
	N                int
	State            state
	Path             string
	// LabelX and LabelY are where the number stands.
	LabelX, LabelY int
	phases         []count
}

// Title says what a line stands for: "shop to payments: 3 Ready, 1 AwaitingApproval".
func (l line) Title() string {
	var parts []string
	for _, p := range l.phases {
		parts = append(parts, fmt.Sprintf("%d %s", p.N, p.Name))
	}
	return fmt.Sprintf("%s to %s: %s", l.Account, l.Service, strings.Join(parts, ", "))
}

// draw lays out a picture. The same flows make the same picture.
func draw(items []flows.Item) picture {
	var p picture
	lines := group(items)
	services, accounts := sides(items, lines)
	for _, l := range lines {
		s, a := services[l.Service], accounts[l.Account]
		if s == nil || a == nil || len(p.Lines) == maxLines {
			p.LeftOut += l.N
			continue
		}
		p.Drawn += l.N
		s.ports++
		a.ports++
		p.Lines = append(p.Lines, l)
	}
	p.place(services, accounts)
	return p
}

// group makes one line of all connections between an account and a service; those that need somebody most, and then
// those that stand for most, come first.
func group(items []flows.Item) []line {
	at := map[[2]string]int{}
	var lines []line
	for _, item := range items {
		if item.Kind != link.KindConnection {
			continue
		}
		key := [2]string{item.Service, orUnknown(item.Account)}
		i, known := at[key]
		if !known {
			i = len(lines)
			at[key] = i
			lines = append(lines, line{Service: key[0], Account: key[1], State: good})
		}
		l := &lines[i]
		l.N++
		l.State = worse(l.State, stateOf(item))
		l.phases = add(l.phases, string(item.Phase), stateOf(item))
	}
	slices.SortFunc(lines, func(a, b line) int {
		return cmp.Or(slices.Index(states, b.State)-slices.Index(states, a.State), b.N-a.N, cmp.Compare(a.Service, b.Service), cmp.Compare(a.Account, b.Account))
	})
	return lines
}

// sides are the boxes on the left and on the right: those that the first lines lead to, and then services that nobody
// is connected to.
func sides(items []flows.Item, lines []line) (services, accounts map[string]*box) {
	services, accounts = map[string]*box{}, map[string]*box{}
	join := func(side map[string]*box, most int, name string) {
		if side[name] == nil && len(side) < most {
			side[name] = &box{Name: name, State: good}
		}
	}
	for _, l := range lines {
		join(services, maxServices, l.Service)
		join(accounts, maxAccounts, l.Account)
	}
	for _, b := range services {
		b.Under, b.State = "published elsewhere", working
	}
	for _, item := range items {
		if item.Kind != link.KindEndpointService {
			continue
		}
		join(services, maxServices, item.Name)
		if b := services[item.Name]; b != nil {
			b.Under, b.State = fmt.Sprintf("%s, %s", orUnknown(item.Account), item.Region), stateOf(item)
		}
	}
	return services, accounts
}

func orUnknown(account string) string {
	if account == "" {
		return "unknown account"
	}
	return account
}

// The measures of the picture, in the units of its view box.
const (
	width    = 1000
	boxWidth = 300
	boxLeast = 42
	portStep = 15
	boxGap   = 12
	margin   = 8
)

// place gives everything its place: services by name, and accounts by where their lines lead, so that few lines cross.
func (p *picture) place(services, accounts map[string]*box) {
	left := sorted(services, func(a, b *box) int { return cmp.Compare(a.Name, b.Name) })
	stack(left, margin)
	for _, l := range p.Lines {
		a, s := accounts[l.Account], services[l.Service]
		a.pull += (float64(s.Y) + float64(s.H)/2) / float64(a.ports)
	}
	right := sorted(accounts, func(a, b *box) int { return cmp.Or(cmp.Compare(a.pull, b.pull), cmp.Compare(a.Name, b.Name)) })
	right = slices.DeleteFunc(right, func(b *box) bool { return b.ports == 0 })
	stack(right, width-boxWidth-margin)
	p.Width, p.Height = width, max(bottom(left), bottom(right))+margin
	center(left, p.Height)
	center(right, p.Height)
	p.connect(services, accounts)
	for _, b := range left {
		p.Services = append(p.Services, *b)
	}
	for _, b := range right {
		p.Accounts = append(p.Accounts, *b)
	}
}

func sorted(side map[string]*box, by func(a, b *box) int) []*box {
	var boxes []*box
	for _, b := range side {
		boxes = append(boxes, b)
	}
	slices.SortFunc(boxes, by)
	return boxes
}

// stack puts boxes under one another, each high enough for its lines.
func stack(boxes []*box, x int) {
	y := margin
	for _, b := range boxes {
		b.X, b.Y, b.W, b.H = x, y, boxWidth, max(boxLeast, b.ports*portStep)
		y += b.H + boxGap
	}
}

func bottom(boxes []*box) int {
	if len(boxes) == 0 {
		return 0
	}
	last := boxes[len(boxes)-1]
	return last.Y + last.H
}

func center(boxes []*box, height int) {
	down := (height - margin - bottom(boxes)) / 2
	for _, b := range boxes {
		b.Y += down
	}
}

// connect draws the lines, each from a port of its own to one of its own, in the order of what is at the other end.
func (p *picture) connect(services, accounts map[string]*box) {
	from, to := make([]int, len(p.Lines)), make([]int, len(p.Lines))
	ports := func(at []int, here, there func(line) *box) {
		order := make([]int, len(p.Lines))
		for i := range order {
			order[i] = i
		}
		slices.SortFunc(order, func(i, j int) int {
			return cmp.Or(here(p.Lines[i]).Y-here(p.Lines[j]).Y, there(p.Lines[i]).Y-there(p.Lines[j]).Y)
		})
		used := map[*box]int{}
		for _, i := range order {
			b := here(p.Lines[i])
			at[i] = b.Y + b.H*(2*used[b]+1)/(2*b.ports)
			used[b]++
		}
	}
	service := func(l line) *box { return services[l.Service] }
	account := func(l line) *box { return accounts[l.Account] }
	ports(from, service, account)
	ports(to, account, service)
	const begin, end, middle = margin + boxWidth, width - margin - boxWidth, width / 2
	for i := range p.Lines {
		l := &p.Lines[i]
		l.Path = fmt.Sprintf("M%d %d C%d %d %d %d %d %d", begin, from[i], middle, from[i], middle, to[i], end, to[i])
		l.LabelX, l.LabelY = end-6, to[i]+4
	}
}

// Thickness grows with the number of connections, slowly.
func (l line) Thickness() string { return fmt.Sprintf("%.1f", min(1.5+math.Log2(float64(l.N)), 8)) }

// Middle is where the text of a box stands.
func (b box) Middle() int { return b.Y + b.H/2 }

// Short is the name, as far as it fits.
func (b box) Short() string { return short(b.Name, 36) }

// ShortUnder is the second line of a box, as far as it fits.
func (b box) ShortUnder() string { return short(b.Under, 44) }

func short(text string, most int) string {
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return string(runes[:most-1]) + "…"
}
