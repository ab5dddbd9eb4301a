package temporal

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"github.com/google/uuid"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/persistence/sql/sqlplugin"
	sqliteplugin "go.temporal.io/server/common/persistence/sql/sqlplugin/sqlite"
	"go.temporal.io/server/schema/sqlite"
	sqlitedriver "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

const databaseFile = "temporal.db"

// DataDirInUseError reports that another process runs a server on the data folder.
type DataDirInUseError struct {
	Dir string
	Err error
}

func (e *DataDirInUseError) Error() string {
	return fmt.Sprintf("another Temporal server uses %s; stop it, or choose another data folder", e.Dir)
}

func (e *DataDirInUseError) Unwrap() error { return e.Err }

// SQLite holds both databases in one. The server's plugin keeps the connection to each database it ever opened until
// the process ends: a stopped server can be started again in the same process, but frees its file only with the
// process.

// openMemory makes a database that ends with the process.
func openMemory() store {
	database := &config.SQL{
		PluginName:        sqliteplugin.PluginName,
		DatabaseName:      "linkwright-" + uuid.NewString(),
		ConnectAttributes: map[string]string{"mode": "memory", "cache": "shared"},
	}
	return store{database, database}
}

// openFolder opens the database file in dir, takes it for this process, and gives it the schema if it is new.
//
// Write-ahead logging with synchronous=normal loses nothing when the process is killed, and at most the last
// moments when the machine loses power.
func openFolder(dir string) (store, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return store{}, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return store{}, err
	}
	file := url.URL{Path: filepath.Join(dir, databaseFile)}
	database := &config.SQL{
		PluginName:   sqliteplugin.PluginName,
		DatabaseName: file.EscapedPath(), // it becomes part of a file: URI
		ConnectAttributes: map[string]string{
			"mode":         "rwc",
			"journal_mode": "wal",
			"synchronous":  "normal",
			"locking_mode": "exclusive",
		},
	}
	// Under exclusive locking the transaction also takes the database for this process, and keeps it.
	err = inTransaction(sqlplugin.DbKindUnknown, database, "BEGIN IMMEDIATE", func(db sqlplugin.AdminDB) error {
		tables, err := db.ListTables(database.DatabaseName)
		if err != nil || len(tables) > 0 {
			return err
		}
		return sqlite.SetupSchemaOnDB(db)
	})
	var sqliteErr *sqlitedriver.Error
	if errors.As(err, &sqliteErr) && sqliteErr.Code()&0xff == sqlite3.SQLITE_BUSY {
		return store{}, &DataDirInUseError{Dir: dir, Err: err}
	}
	return store{database, database}, err
}
