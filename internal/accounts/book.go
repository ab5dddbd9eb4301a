package accounts

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/linkwright/linkwright/internal/accounts/file"
	"github.com/linkwright/linkwright/internal/buckets"
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
	aws     *awsSession   // nil for an account of another cloud
	azure   *azureSession // nil for an account of another cloud
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
	made := sharers{limiters: map[any]*limiter{}, identities: map[file.SignIn]*azureIdentity{}}
	for name, e := range f.Accounts {
		if e.Azure != nil {
			b.pages[name] = made.azurePage(name, e, f.Limits)
		} else {
			b.pages[name] = made.awsPage(name, e, f.Limits)
		}
	}
	return b
}

// sharers are what accounts share: request buckets, and who signs in.
type sharers struct {
	limiters   map[any]*limiter
	identities map[file.SignIn]*azureIdentity
}

func (s sharers) awsPage(name string, e file.Account, all *file.Limits) *page {
	who := e.AWS.Identity()
	if s.limiters[who] == nil {
		s.limiters[who] = newLimiter(limitsFrom(buckets.Documented(), all, e.AWS.Limits))
	}
	account := link.Account{
		Name: name, Cloud: link.AWS, ID: e.AWS.AccountID, Partition: e.AWS.Partition, TaskQueue: e.TaskQueue,
	}
	return &page{account: account, aws: &awsSession{account: account, entry: *e.AWS, limiter: s.limiters[who]}}
}

func (s sharers) azurePage(name string, e file.Account, all *file.Limits) *page {
	who, in := e.Azure.Identity(), e.Azure.SignIn()
	if s.limiters[who] == nil {
		s.limiters[who] = newLimiter(limitsFrom(buckets.DocumentedAzure(), all.Shares(), e.Azure.Limits.Limits()))
	}
	if s.identities[in] == nil {
		s.identities[in] = &azureIdentity{in: in}
	}
	account := link.Account{
		Name: name, Cloud: link.Azure, ID: e.Azure.SubscriptionID, Partition: e.Azure.Cloud, TaskQueue: e.TaskQueue,
	}
	return &page{account: account, azure: &azureSession{
		account: account, entry: *e.Azure, limiter: s.limiters[who], identity: s.identities[in],
	}}
}

// UseCredentials puts base credentials in place of the SDK's default chain, for every account of AWS; roles are still
// assumed on top of them. Call it before the first Clients.
func (b *Book) UseCredentials(base aws.CredentialsProvider) {
	for _, p := range b.pages {
		if p.aws != nil {
			p.aws.base = base
		}
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

// acting finds the page of an account that this worker acts in.
func (b *Book) acting(name string) (*page, error) {
	p, err := b.page(name)
	if err != nil {
		return nil, err
	}
	if !b.serves(name) {
		return nil, fmt.Errorf("%w: %q; the work of its task queue %q must go to a worker that serves it",
			ErrNotServed, name, p.account.TaskQueue)
	}
	return p, nil
}

// Forget drops an account's clients and credentials, so that the next call reads the worker's configuration
// anew: a person who has mended credentials need not restart the worker.
func (b *Book) Forget(name string) {
	switch p := b.pages[name]; {
	case p == nil:
	case p.azure != nil:
		p.azure.forget()
	default:
		p.aws.forget()
	}
}

func (b *Book) names() []string { return slices.Sorted(maps.Keys(b.pages)) }

func (b *Book) page(name string) (*page, error) {
	p, ok := b.pages[name]
	if !ok {
		return nil, fmt.Errorf("%w %q: the accounts file has %s", ErrUnknownAccount, name, strings.Join(b.names(), ", "))
	}
	return p, nil
}
