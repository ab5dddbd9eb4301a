package e2e

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/linkwright/linkwright/internal/accounts"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/worker/serve"
	"github.com/linkwright/linkwright/workflows"
)

// Not parallel: the shared worker is started anew with another accounts file.
func TestBadAccountsFiles(t *testing.T) {
	for _, test := range []struct {
		name      string
		spoil     func(accountsBook, string)
		atService bool
		reason    link.Reason
		call      string
		says      string
	}{{
		"when the accounts file lacks the account",
		func(book accountsBook, account string) { delete(book, account) },
		false, link.ReasonUnknownAccount, "", "accounts file",
	}, {
		"when the external ID is wrong",
		func(book accountsBook, account string) {
			wrong := *book[account].AWS
			wrong.ExternalID = "guessed"
			book[account].AWS = &wrong
		},
		false, link.ReasonBadCredentials, "sts:AssumeRole", "external ID",
	}} {
		t.Run(test.name, func(t *testing.T) {
			s := newScene(t)
			var right accountEntry
			restart(t, func(book accountsBook) {
				right = *book[s.consumer()]
				test.spoil(book, s.consumer())
			})
			mend := func() { restart(t, func(book accountsBook) { book[s.consumer()] = &right }) }
			s.publish(openToAll)
			s.awaitArrival(s.service())
			shop := s.connect("shop")
			s.survive(shop, mend, test.reason, test.call, test.says)
			s.wantWhole(shop)
			s.takeDown()
		})
	}
}

// restart has the shared worker begin anew with a changed accounts file.
func restart(t *testing.T, edit func(accountsBook)) {
	t.Helper()
	shared.StopWorker()
	if err := editAccounts(edit); err != nil {
		t.Fatal(err)
	}
	if err := shared.StartWorker(); err != nil {
		t.Fatal(err)
	}
}

// The consumer of this scene trusts its own worker alone, and its account has a task queue of its own.
func TestWhenTwoOwnersEachRunAWorkerTheyShareALinkAndNoCredential(t *testing.T) {
	t.Parallel()
	s := openScene(t, splitName, sceneCount()+1, shared.Cloud)
	began := time.Now()
	book, err := accounts.Load(shared.Accounts)
	if err != nil {
		t.Fatal(err)
	}
	user := userOf(consumerUser, consumerUser)
	book.UseCredentials(credentials.NewStaticCredentialsProvider(user.AccessKey, user.SecretKey, ""))
	workers, err := serve.Start(serve.Config{
		Client: shared.Client, Accounts: book, Only: []string{s.consumer()},
		Pace: quick.Pace, LookAgain: quick.LookAgain, Patience: quick.Hope, StopTimeout: 5 * time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(workers.Stop)
	if queues := strings.Join(workers.Queues(), ", "); queues != splitQueue || strings.Contains(queues, workflows.TaskQueue) {
		t.Errorf("the consumer's worker serves %s, want %s alone", queues, splitQueue)
	}

	s.publish(openToAll)
	shop := s.connect("shop")
	s.awaitArrival(shop)
	s.wantWhole(shop)
	s.takeDown()

	assumed := map[string]int{}
	for _, c := range s.cloud.Calls() {
		worker := strings.TrimPrefix(c.Principal, "arn:aws:iam::000000000000:user/")
		switch {
		case c.Action != "AssumeRole" || c.Time.Before(began):
		case worker == consumerUser:
			assumed[worker]++
		case c.Error != "" && slices.Contains(c.Names, roleARN(s.consumerID)) && !slices.Contains(c.Names, intruder):
			t.Errorf("%s was refused the role: %+v", worker, c)
		}
	}
	if assumed[consumerUser] != 1 {
		t.Errorf("the consumer's worker has assumed %d roles, want its own once", assumed[consumerUser])
	}
}
