package temporal_test

import (
	"context"
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"

	"github.com/linkwright/linkwright/dev/temporal"
	"github.com/linkwright/linkwright/test/postgres"
)

func startPostgres(t *testing.T) *postgres.Server {
	t.Helper()
	db, err := postgres.Start(t.Context())
	if errors.Is(err, postgres.ErrNotInstalled) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Stop(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	return db
}

// execute runs a statement in a database.
func execute(t *testing.T, url, statement string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	_, err = conn.Exec(t.Context(), statement)
	if err := errors.Join(err, conn.Close(t.Context())); err != nil {
		t.Fatal(err)
	}
}

func TestPostgres(t *testing.T) {
	db := startPostgres(t)
	options := temporal.Options{Postgres: db.URL("temporal"), SearchAttributes: attributes(), NoUI: true}

	t.Run("when the databases do not exist, it makes them, and workflows run", func(t *testing.T) {
		server := start(t, options)
		if _, err := startGreet(t.Context(), dial(t, server), "greet", "red"); err != nil {
			t.Fatal(err)
		}
		if err := server.Stop(); err != nil {
			t.Fatal(err)
		}
	})

	t.Run("when it starts on them again, after a crash of the database, the workflow goes on, also with one more search attribute", func(t *testing.T) {
		if err := db.Crash(t.Context()); err != nil {
			t.Fatal(err)
		}
		more := options
		more.SearchAttributes = maps.Clone(attributes())
		more.SearchAttributes["Weight"] = enumspb.INDEXED_VALUE_TYPE_INT
		c := dial(t, start(t, more))
		serveGreet(t, c)
		signal(t, c)
		var greeting string
		if err := c.GetWorkflow(t.Context(), "greet", "").Get(t.Context(), &greeting); err != nil || greeting != "hello Ada" {
			t.Fatalf("greeting = %q, %v", greeting, err)
		}
		until(t, "the workflow is listed by its colour", func() bool {
			count, err := c.CountWorkflow(t.Context(), &workflowservice.CountWorkflowExecutionsRequest{
				Query: "Colour = 'red' AND ExecutionStatus = 'Completed' AND Weight IS NULL",
			})
			if err != nil {
				t.Fatal(err)
			}
			return count.Count == 1
		})
	})

	execute(t, db.URL("postgres"), "CREATE DATABASE strange")
	execute(t, db.URL("strange"), "CREATE TABLE things (name text)")
	execute(t, db.URL("postgres"), "CREATE ROLE nobody LOGIN PASSWORD 'secret'")
	execute(t, db.URL("temporal"), "UPDATE schema_version SET curr_version = '1.0'")
	for _, c := range []struct {
		name, url, want string
	}{
		{"when nobody listens there, it says so", "postgres://user:secret@127.0.0.1:1/temporal", "127.0.0.1:1/temporal"},
		{"when the password is wrong, it says so", strings.Replace(db.URL("temporal"), "secret", "guess", 1), "28P01"},
		{"when the user may not make the database, it says so", strings.Replace(db.URL("new"), "linkwright:a%3Asecret%40%2F%3F", "nobody:secret", 1), "42501"},
		{"when the database holds somebody else's tables, it says so", db.URL("strange"), "strange"},
		{"when the schema is an older one, it says so", db.URL("temporal"), "1.0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			refused := options
			refused.Postgres = c.url
			_, err := temporal.Start(t.Context(), refused)
			var unusable *temporal.PostgresError
			if !errors.As(err, &unusable) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("err = %v, want a PostgresError that says %s", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), "secret") {
				t.Errorf("the password stands in the error: %v", err)
			}
		})
	}
	t.Run("when the address is none, it says what one is", func(t *testing.T) {
		refused := options
		refused.Postgres = "postgres://user:secret@host:port/temporal"
		if _, err := temporal.Start(t.Context(), refused); err == nil || !strings.Contains(err.Error(), "HOST:PORT") || strings.Contains(err.Error(), "secret") {
			t.Errorf("err = %v", err)
		}
	})
}
