package temporal

import (
	"context"
	"errors"
	"fmt"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/metrics"
	"go.temporal.io/server/common/persistence/sql"
	"go.temporal.io/server/common/persistence/sql/sqlplugin"
	"go.temporal.io/server/common/resolver"
	"go.temporal.io/server/schema/sqlite"
	"google.golang.org/protobuf/types/known/durationpb"
)

// store is the databases that a server keeps its state in: one with all that workflows are made of, one with the
// index that lists them. Both may be the same.
type store struct{ main, visibility *config.SQL }

// openStore prepares the databases that opts names: they have the server's schema and the namespace in them.
func openStore(ctx context.Context, opts Options) (s store, err error) {
	switch {
	case opts.Postgres != "" && opts.DataDir != "":
		return store{}, errors.New("a server has either a data folder or a PostgreSQL database")
	case opts.Postgres != "":
		s, err = openPostgres(ctx, opts.Postgres)
	case opts.DataDir != "":
		s, err = openFolder(opts.DataDir)
	default:
		s = openMemory()
	}
	if err != nil {
		return store{}, err
	}
	return s, s.addNamespace(opts.SearchAttributes)
}

// addNamespace makes the namespace, unless it exists. The server's package for SQLite does it in any SQL database.
func (s store) addNamespace(attributes map[string]enumspb.IndexedValueType) error {
	namespace, err := sqlite.NewNamespaceConfig(clusterName, Namespace, false, attributes)
	if err != nil {
		return fmt.Errorf("search attributes: %w", err)
	}
	namespace.Detail.Config.Retention = durationpb.New(Retention)
	return sqlite.CreateNamespaces(s.main, namespace)
}

// inTransaction lets do change a database: wholly, or not at all. The connection has to be the database's only one.
func inTransaction(kind sqlplugin.DbKind, database *config.SQL, begin string, do func(sqlplugin.AdminDB) error) error {
	db, err := sql.NewSQLAdminDB(kind, database, resolver.NewNoopResolver(), log.NewNoopLogger(), metrics.NoopMetricsHandler)
	if err != nil {
		return err
	}
	if err := db.Exec(begin); err != nil {
		return errors.Join(err, db.Close())
	}
	if err := do(db); err != nil {
		return errors.Join(err, db.Exec("ROLLBACK"), db.Close())
	}
	return errors.Join(db.Exec("COMMIT"), db.Close())
}
