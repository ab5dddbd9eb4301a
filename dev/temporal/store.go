package temporal

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"github.com/google/uuid"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/metrics"
	"go.temporal.io/server/common/persistence/sql"
	"go.temporal.io/server/common/persistence/sql/sqlplugin"
	sqliteplugin "go.temporal.io/server/common/persistence/sql/sqlplugin/sqlite"
	"go.temporal.io/server/common/resolver"
	"go.temporal.io/server/schema/sqlite"
	"google.golang.org/protobuf/types/known/durationpb"
	sqlitedriver "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

const (
	storeName    = "sqlite"
	databaseFile = "temporal.db"
)

// DataDirInUseError reports that another process runs a server on the data folder.
type DataDirInUseError struct {
	Dir string
	Err error
}

func (e *DataDirInUseError) Error() string {
	return fmt.Sprintf("another Temporal server uses %s; stop it, or choose another data folder", e.Dir)
}

func (e *DataDirInUseError) Unwrap() error { return e.Err }

// store is a database that has the server's schema and the namespace in it.
//
// The server's SQLite plugin keeps the connection to each database it ever opened until the process ends:
// a stopped server can be started again in the same process, but frees its file only with the process.
type store struct{ sql *config.SQL }

// openStore prepares the database in dir, or one in memory when dir is empty.
func openStore(dir string, attributes map[string]enumspb.IndexedValueType) (store, error) {
	s := store{sql: &config.SQL{
		PluginName:        sqliteplugin.PluginName,
		DatabaseName:      "linkwright-" + uuid.NewString(),
		ConnectAttributes: map[string]string{"mode": "memory", "cache": "shared"},
	}}
	if dir != "" {
		if err := s.useFolder(dir); err != nil {
			return store{}, err
		}
	}

	namespace, err := sqlite.NewNamespaceConfig(clusterName, Namespace, false, attributes)
	if err != nil {
		return store{}, fmt.Errorf("search attributes: %w", err)
	}
	namespace.Detail.Config.Retention = durationpb.New(Retention)
	if err := sqlite.CreateNamespaces(s.sql, namespace); err != nil { // does nothing if it exists
		return store{}, err
	}
	return s, nil
}

// useFolder points the store at the database file in dir, takes the file for this process and gives it
// the schema if it is new.
//
// Write-ahead logging with synchronous=normal loses nothing when the process is killed, and at most the last
// moments when the machine loses power.
func (s *store) useFolder(dir string) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	file := url.URL{Path: filepath.Join(dir, databaseFile)}
	s.sql.DatabaseName = file.EscapedPath() // it becomes part of a file: URI
	s.sql.ConnectAttributes = map[string]string{
		"mode":         "rwc",
		"journal_mode": "wal",
		"synchronous":  "normal",
		"locking_mode": "exclusive",
	}

	err = s.createSchema()
	var sqliteErr *sqlitedriver.Error
	if errors.As(err, &sqliteErr) && sqliteErr.Code()&0xff == sqlite3.SQLITE_BUSY {
		return &DataDirInUseError{Dir: dir, Err: err}
	}
	return err
}

// createSchema gives a new database the server's tables, all or none of them. Under exclusive locking its
// transaction also takes the database for this process, and keeps it.
func (s *store) createSchema() error {
	// The plugin has one connection for each database, so the statements below share a transaction.
	db, err := sql.NewSQLAdminDB(sqlplugin.DbKindUnknown, s.sql, resolver.NewNoopResolver(), log.NewNoopLogger(), metrics.NoopMetricsHandler)
	if err != nil {
		return err
	}
	if err := db.Exec("BEGIN IMMEDIATE"); err != nil {
		return errors.Join(err, db.Close())
	}
	tables, err := db.ListTables(s.sql.DatabaseName)
	if err == nil && len(tables) == 0 {
		err = sqlite.SetupSchemaOnDB(db)
	}
	if err != nil {
		return errors.Join(err, db.Exec("ROLLBACK"), db.Close())
	}
	return errors.Join(db.Exec("COMMIT"), db.Close())
}
