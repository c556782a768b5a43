#ifndef SRC_MIGRATE_ALPHA_DIR_H
#define SRC_MIGRATE_ALPHA_DIR_H
/* What lies in a data directory of a Livepeer node: which generation left it, by
 * the tables and columns of its database, which keys it has, and what else is
 * odd. Looking changes not a byte, mode, owner or time of it (the time of
 * reading where we may not ask for that): the database is read from a copy,
 * journals included. Whatever lies there is hostile until checked. Any thread,
 * one at a time; blocks. */
#include <sys/types.h>

#include "db/alpha_db.h"
#include "src/base/err.h"
#include "src/model/keyfile.h"

enum alpha_generation {
	ALPHA_NOTHING,	/* no trace of a node */
	ALPHA_KEYS,	/* keys and no database: 0.1.x, or it was lost */
	ALPHA_0_2,	/* 0.2.4: jobs, claims, receipts */
	ALPHA_0_3,	/* 0.3.0, 0.3.1, 0.3.3: the last that mainnet ran on the alpha */
	ALPHA_0_4,	/* 0.3.2, 0.4.0: cut from Streamflow's line */
	ALPHA_0_5_0,	/* 0.5.0, 0.5.1: testnet */
	ALPHA_0_5_2,	/* 0.5.2 */
	ALPHA_LPDB,	/* 0.5.3 and later, lpdb.sqlite3: `weir import` takes it over */
	ALPHA_WEIR,	/* weir's own, and no other's database */
	ALPHA_FOREIGN,	/* a database, but of no node that we know */
	ALPHA_UNREADABLE, /* a database that cannot be read: db_problem says why */
	ALPHA_GENERATIONS
};
const char *alpha_generation_name(enum alpha_generation g); /* "0.3.0 to 0.3.3" */
/* It has rows for the archive or locks: 0.2.4 to 0.5.2. */
bool alpha_generation_is_old(enum alpha_generation g);

struct alpha_key {
	char *path; /* owned */
	mode_t mode;
	bool link;	/* a symbolic link to it lies there */
	bool has_address; /* also where it is broken, if that could be read */
	struct eth_addr address;
	char *problem; /* owned: it is no keyfile, and why; NULL: it is one */
};

enum alpha_remark_kind {
	REMARK_NO_DB,	    /* there are keys, and no database */
	REMARK_NO_KEYS,	    /* there is a database, and no keys */
	REMARK_SEVERAL_KEYS,
	REMARK_SAME_KEY,    /* an address has two files */
	REMARK_KEY_BROKEN,
	REMARK_KEY_OPEN,    /* others may read it */
	REMARK_JOURNAL,	    /* hot: a node was killed in the middle of a change */
	REMARK_WAL,
	REMARK_RUNNING,	    /* a process has the database open */
	REMARK_DB_PROBLEM,
	REMARK_SHARED,	    /* two networks have used one database */
	REMARK_MIXED,	    /* rows of the alpha and of Streamflow in one database */
	REMARK_TWO_DBS,
	REMARK_FOREIGN,	    /* files that no node leaves */
	REMARK_SPECIAL,	    /* pipes, devices, sockets where a file belongs */
	REMARK_LINK,
	REMARK_SUBDIR,	    /* directories that may be another network's */
};
struct alpha_remark {
	enum alpha_remark_kind kind;
	char *text; /* owned; a sentence, safe for a terminal */
};

struct alpha_dir {
	char *path; /* owned; absolute, links resolved */
	enum alpha_generation generation;
	bool weir;	  /* weir has run here, whatever else has */
	char *db_path;	  /* owned; NULL: none */
	char *db_problem; /* owned; NULL: it could be read */
	struct alpha_db *db; /* open, of a copy that has no name any more; or NULL */
	pid_t holder;	  /* has the database open; 0: none is seen */
	char *keystore;	  /* owned; may not be there */
	struct alpha_key *keys; /* by their names: go-livepeer takes the first */
	size_t n_keys;
	struct alpha_remark *remarks;
	size_t n_remarks;
};

/* The error is that there is no such directory, or that it may not be read;
 * whatever is wrong within is in *out. keystore: where the node had its keys
 * elsewhere (-ethKeystorePath, a directory or a file in one); else NULL. tmp:
 * where the copy is made; NULL: $TMPDIR or /tmp. */
struct err *alpha_dir_read(const char *path, const char *keystore, const char *tmp,
	struct alpha_dir **out) must_check;
void alpha_dir_free(struct alpha_dir *d); /* NULL ok */

/* The whole keyfile of an address; NULL: there is none. */
const struct alpha_key *alpha_dir_find_key(const struct alpha_dir *d, struct eth_addr a);
bool alpha_dir_has_remark(const struct alpha_dir *d, enum alpha_remark_kind kind);

/* Directories worth a look: `given` where not NULL, <home>/.lpData and what lies
 * directly in it. Only those that are there; links resolved, none twice. */
#define ALPHA_CANDIDATES_MAX 64
struct alpha_candidates {
	char *v[ALPHA_CANDIDATES_MAX]; /* owned */
	size_t n;
};
void alpha_candidates_find(const char *home, const char *given,
	struct alpha_candidates *out);
void alpha_candidates_clear(struct alpha_candidates *c);
#endif
