package temporal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/url"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/persistence"
	"go.temporal.io/server/common/persistence/sql/sqlplugin"
	"go.temporal.io/server/common/persistence/sql/sqlplugin/postgresql"
	"go.temporal.io/server/schema"
)

const (
	// oldestPostgres is the oldest version that the server's schema is for, as PostgreSQL writes it in numbers.
	oldestPostgres = 120000
	// visibilitySuffix is what the second database has behind the name of the first.
	visibilitySuffix = "_visibility"
	// connections is how many connections each of the server's four services may have to each of the databases:
	// 80 in all, of the 100 that PostgreSQL takes by default.
	connections = 10
)

// PostgreSQL's error codes (PostgreSQL manual, appendix "PostgreSQL Error Codes").
const (
	starting          = "57P03" // cannot_connect_now
	databaseMissing   = "3D000" // invalid_catalog_name
	databaseDuplicate = "42P04" // duplicate_database
)

// PostgresError reports that a PostgreSQL database cannot be used: nobody answers there, the user is refused, or the
// version of PostgreSQL or of the schema in it is none that this server can work with.
type PostgresError struct {
	Database string // HOST:PORT/NAME
	Err      error
}

func (e *PostgresError) Error() string {
	return fmt.Sprintf("PostgreSQL database %s cannot be used: %v", e.Database, e.Err)
}

func (e *PostgresError) Unwrap() error { return e.Err }

// openPostgres opens the database of a URL, and the one beside it for the index: both are made and given the schema
// if they are new.
func openPostgres(ctx context.Context, address string) (store, error) {
	var s store
	for _, part := range []struct {
		kind     sqlplugin.DbKind
		suffix   string
		schema   string // a folder of the server's
		database **config.SQL
	}{
		{sqlplugin.DbKindMain, "", "postgresql/v12/temporal", &s.main},
		{sqlplugin.DbKindVisibility, visibilitySuffix, "postgresql/v12/visibility", &s.visibility},
	} {
		access, err := pgx.ParseConfig(address)
		if err != nil {
			return store{}, fmt.Errorf("PostgreSQL is to be postgres://USER:PASSWORD@HOST:PORT/DATABASE: %w", err)
		}
		access.Database += part.suffix
		if *part.database, err = postgresDatabase(address, access); err != nil {
			return store{}, err
		}
		err = makeDatabase(ctx, access)
		if err == nil {
			err = makeSchema(part.kind, **part.database, part.schema)
		}
		if err != nil {
			return store{}, &PostgresError{hostPort(access) + "/" + access.Database, err}
		}
	}
	return s, nil
}

// postgresDatabase is what the server needs to know of a database.
func postgresDatabase(address string, access *pgx.ConnConfig) (*config.SQL, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	attributes := map[string]string{}
	for name := range u.Query() {
		attributes[name] = u.Query().Get(name)
	}
	return &config.SQL{
		PluginName:   postgresql.PluginNamePGX,
		ConnectAddr:  hostPort(access),
		User:         access.User,
		Password:     access.Password,
		DatabaseName: access.Database, ConnectAttributes: attributes,
		MaxConns: connections, MaxIdleConns: connections,
	}, nil
}

func hostPort(access *pgx.ConnConfig) string {
	return net.JoinHostPort(access.Host, strconv.Itoa(int(access.Port)))
}

// makeDatabase makes a database that does not exist, and looks whether PostgreSQL is new enough. One that has just
// crashed, or is just starting, is waited for.
func makeDatabase(ctx context.Context, access *pgx.ConnConfig) error {
	conn, err := connect(ctx, access)
	if hasCode(err, databaseMissing) {
		maintenance := access.Copy()
		maintenance.Database = "postgres"
		if conn, err = connect(ctx, maintenance); err == nil {
			if _, err = conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{access.Database}.Sanitize()); hasCode(err, databaseDuplicate) {
				err = nil // another server was faster
			}
		}
	}
	if conn == nil {
		return err
	}
	if err == nil {
		err = checkVersion(ctx, conn)
	}
	return errors.Join(err, conn.Close(ctx))
}

func connect(ctx context.Context, access *pgx.ConnConfig) (conn *pgx.Conn, err error) {
	var refused error
	waited := eventually(ctx, "connect to PostgreSQL", func(ctx context.Context) error {
		if conn, refused = pgx.ConnectConfig(ctx, access); hasCode(refused, starting) {
			return refused
		}
		return nil
	})
	return conn, errors.Join(waited, refused)
}

func checkVersion(ctx context.Context, conn *pgx.Conn) error {
	var shown string
	if err := conn.QueryRow(ctx, "SHOW server_version_num").Scan(&shown); err != nil {
		return err
	}
	version, err := strconv.Atoi(shown)
	if err == nil && version < oldestPostgres {
		err = fmt.Errorf("it is PostgreSQL %d, and Temporal needs %d or later", version/10000, oldestPostgres/10000)
	}
	return err
}

// makeSchema gives an empty database the server's tables, all or none of them; the tables of another are to be of a
// version that the server works with. Of two servers that come at once, one waits for the other.
func makeSchema(kind sqlplugin.DbKind, database config.SQL, folder string) error {
	database.MaxConns, database.MaxIdleConns = 1, 1
	return inTransaction(kind, &database, "BEGIN", func(db sqlplugin.AdminDB) error {
		if err := db.Exec("SELECT pg_advisory_xact_lock(hashtext('linkwright'))"); err != nil {
			return err
		}
		tables, err := db.ListTables(database.DatabaseName)
		if err != nil {
			return err
		}
		if len(tables) > 0 {
			return db.VerifyVersion()
		}
		definition, err := fs.ReadFile(schema.Assets(), folder+"/schema.sql")
		if err != nil {
			return err
		}
		statements, err := persistence.LoadAndSplitQueryFromReaders([]io.Reader{bytes.NewReader(definition)})
		if err != nil {
			return err
		}
		for _, statement := range statements {
			if err := db.Exec(statement); err != nil {
				return err
			}
		}
		if err := db.CreateSchemaVersionTables(); err != nil {
			return err
		}
		version := db.ExpectedVersion()
		return db.UpdateSchemaVersion(database.DatabaseName, version, version)
	})
}

// hasCode reports whether PostgreSQL has answered with an error of a code.
func hasCode(err error, code string) bool {
	var answer *pgconn.PgError
	return errors.As(err, &answer) && answer.Code == code
}
