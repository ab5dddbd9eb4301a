package accounts

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/linkwright/linkwright/internal/accounts/file"
	"github.com/linkwright/linkwright/internal/link"
)

// Book knows the accounts of one file. It is safe for concurrent use.
type Book struct {
	pages map[string]*page
	// served holds the names that Clients answers for; nil means all.
	served map[string]bool
}

// page is one account: what flows may know of it, how to act in it, and the clients made so far.
type page struct {
	account link.Account
	aws     awsSession
}

// Load reads an accounts file. The error holds everything that is wrong with it, with lines.
func Load(path string) (*Book, error) {
	f, err := file.Read(path)
	if err != nil {
		return nil, err
	}
	return newBook(f), nil
}

// Parse reads an accounts file that has been read already; origin names it in errors.
func Parse(origin string, data []byte) (*Book, error) {
	f, err := file.Parse(origin, data)
	if err != nil {
		return nil, err
	}
	return newBook(f), nil
}

func newBook(f file.File) *Book {
	b := &Book{pages: make(map[string]*page, len(f.Accounts))}
	limiters := map[file.Identity]*limiter{}
	for name, e := range f.Accounts {
		who := e.AWS.Identity()
		if limiters[who] == nil {
			limiters[who] = newLimiter(limitsFrom(f.Limits, e.AWS.Limits))
		}
		p := &page{account: link.Account{
			Name:      name,
			Cloud:     link.AWS,
			ID:        e.AWS.AccountID,
			Partition: e.AWS.Partition,
			TaskQueue: e.TaskQueue,
		}}
		p.aws.entry, p.aws.account, p.aws.limiter = *e.AWS, p.account, limiters[who]
		b.pages[name] = p
	}
	return b
}

// UseCredentials puts base credentials in place of the SDK's default chain, for every account; roles are still
// assumed on top of them. Call it before the first Clients.
func (b *Book) UseCredentials(base aws.CredentialsProvider) {
	for _, p := range b.pages {
		p.aws.base = base
	}
}

// Lookup finds an account by its name, served or not: flows must know of accounts that other workers serve.
func (b *Book) Lookup(name string) (link.Account, error) {
	p, err := b.page(name)
	if err != nil {
		return link.Account{}, err
	}
	return p.account, nil
}

// Serving returns a book that gives out clients for the named accounts alone. Each must have a task queue of
// its own: the shared queue carries work for every account without one.
func (b *Book) Serving(names ...string) (*Book, error) {
	served := make(map[string]bool, len(names))
	for _, name := range names {
		p, err := b.page(name)
		if err != nil {
			return nil, err
		}
		if p.account.TaskQueue == "" {
			return nil, fmt.Errorf("%w: give account %q a taskQueue in the accounts file, "+
				"so that its work reaches the workers that serve it and no others", ErrNoTaskQueue, name)
		}
		served[name] = true
	}
	return &Book{pages: b.pages, served: served}, nil
}

// Served lists the accounts that clients are given out for, by name.
func (b *Book) Served() []link.Account {
	var served []link.Account
	for _, name := range b.names() {
		if b.serves(name) {
			served = append(served, b.pages[name].account)
		}
	}
	return served
}

func (b *Book) serves(name string) bool { return b.served == nil || b.served[name] }

func (b *Book) names() []string { return slices.Sorted(maps.Keys(b.pages)) }

func (b *Book) page(name string) (*page, error) {
	p, ok := b.pages[name]
	if !ok {
		return nil, fmt.Errorf("%w %q: the accounts file has %s", ErrUnknownAccount, name, strings.Join(b.names(), ", "))
	}
	return p, nil
}
