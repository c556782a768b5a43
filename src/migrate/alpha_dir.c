#include "src/migrate/alpha_dir.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/keyfile_codec.h"
#include "src/base/file.h"
#include "src/migrate/private_copy.h"

#define NAMES_MAX 4096 /* in one directory */
#define KEYS_MAX 1024
#define REMARKS_MAX 256
#define SHOWN_MAX 96 /* bytes of a name in a remark */

const char *alpha_generation_name(enum alpha_generation g)
{
	static const char *const names[] = {
		[ALPHA_NOTHING] = "nothing of a Livepeer node",
		[ALPHA_KEYS] = "keys without a database: 0.1, or the database is lost",
		[ALPHA_0_2] = "0.2.4",
		[ALPHA_0_3] = "0.3.0 to 0.3.3",
		[ALPHA_0_4] = "0.3.2 or 0.4.0",
		[ALPHA_0_5_0] = "0.5.0 or 0.5.1",
		[ALPHA_0_5_2] = "0.5.2",
		[ALPHA_LPDB] = "0.5.3 or later",
		[ALPHA_WEIR] = "weir",
		[ALPHA_FOREIGN] = "a database of another program",
		[ALPHA_UNREADABLE] = "a database that cannot be read",
	};

	return names[g];
}

bool alpha_generation_is_old(enum alpha_generation g)
{
	return g >= ALPHA_0_2 && g <= ALPHA_0_5_2;
}

/* --- remarks --- */

static void remark(struct alpha_dir *d, enum alpha_remark_kind kind, const char *fmt, ...)
	printf_like(3, 4);

static void remark(struct alpha_dir *d, enum alpha_remark_kind kind, const char *fmt, ...)
{
	struct str raw = STR_INIT, safe = STR_INIT;
	va_list ap;

	if (d->n_remarks == REMARKS_MAX)
		return;
	va_start(ap, fmt);
	str_vprintf(&raw, fmt, ap);
	va_end(ap);
	str_add_safe(&safe, str_cstr(&raw), raw.len, 1024);
	str_clear(&raw);
	d->remarks = xrealloc_array(d->remarks, d->n_remarks + 1, sizeof(*d->remarks));
	d->remarks[d->n_remarks++] = (struct alpha_remark){ kind, str_take(&safe) };
}

bool alpha_dir_has_remark(const struct alpha_dir *d, enum alpha_remark_kind kind)
{
	for (size_t i = 0; i < d->n_remarks; i++)
		if (d->remarks[i].kind == kind)
			return true;
	return false;
}

static char *in_dir(const char *dir, const char *name)
{
	struct str s = STR_INIT;

	str_printf(&s, "%s/%s", dir, name);
	return str_take(&s);
}

/* --- keys --- */

const struct alpha_key *alpha_dir_find_key(const struct alpha_dir *d, struct eth_addr a)
{
	for (size_t i = 0; i < d->n_keys; i++)
		if (!d->keys[i].problem && d->keys[i].has_address &&
			addr_eq(d->keys[i].address, a))
			return &d->keys[i];
	return NULL;
}

static char *words_of(struct err *taken)
{
	const char *text = err_text(taken);
	struct str safe = STR_INIT;

	str_add_safe(&safe, text, strlen(text), 512);
	err_free(taken);
	return str_take(&safe);
}

static void read_key(struct alpha_key *k)
{
	struct str text = STR_INIT;
	struct keyfile key;
	struct stat st;
	struct err *e;

	k->link = lstat(k->path, &st) == 0 && S_ISLNK(st.st_mode);
	k->mode = stat(k->path, &st) == 0 ? st.st_mode & 07777 : 0;
	e = file_read(k->path, KEYFILE_MAX, &text);
	if (!e) {
		e = keyfile_decode(&key, str_cstr(&text), text.len);
		k->has_address = key.has_address;
		k->address = key.address;
	}
	if (e)
		k->problem = words_of(e);
	else if (!k->has_address)
		k->problem = xstrdup("it does not say whose key it is");
	/* Somebody may have put the bare key there. */
	if (text.s)
		explicit_bzero(text.s, text.len);
	str_clear(&text);
}

static void remark_key(struct alpha_dir *d, const struct alpha_key *k, bool same)
{
	const char *name = strrchr(k->path, '/') + 1;

	if (k->link)
		remark(d, REMARK_LINK, "keyfile %.96s is a symbolic link", name);
	if (k->problem)
		remark(d, REMARK_KEY_BROKEN, "%.96s is no whole keyfile: %s", name, k->problem);
	else if (same)
		remark(d, REMARK_SAME_KEY, "%.96s is a second keyfile of its account", name);
	else if (k->mode & 077)
		remark(d, REMARK_KEY_OPEN, "keyfile %.96s can be read by others (mode %03o)",
			name, (unsigned)k->mode);
}

/* A socket or a pipe named as a keyfile is no key, but worth a word. */
static bool is_key_name(struct alpha_dir *d, const char *path, const char *name)
{
	struct stat st;

	if (name[0] == '.' || str_has_suffix(name, "~"))
		return false;
	if (stat(path, &st) != 0) {
		remark(d, REMARK_LINK, "keyfile %.96s is a link to nowhere", name);
		return false;
	}
	if (S_ISREG(st.st_mode))
		return true;
	if (!S_ISDIR(st.st_mode))
		remark(d, REMARK_SPECIAL, "%.96s in the keystore is no file", name);
	return false;
}

static void add_key(struct alpha_dir *d, const char *name)
{
	struct alpha_key k = { .path = in_dir(d->keystore, name) };
	bool same;

	if (d->n_keys == KEYS_MAX || !is_key_name(d, k.path, name)) {
		free(k.path);
		return;
	}
	read_key(&k);
	same = !k.problem && alpha_dir_find_key(d, k.address);
	remark_key(d, &k, same);
	d->keys = xrealloc_array(d->keys, d->n_keys + 1, sizeof(*d->keys));
	d->keys[d->n_keys++] = k;
}

static size_t count_accounts(const struct alpha_dir *d)
{
	size_t n = 0;

	for (size_t i = 0; i < d->n_keys; i++)
		n += alpha_dir_find_key(d, d->keys[i].address) == &d->keys[i];
	return n;
}

/* A file given as the keystore stands for its directory, as it did there. */
static char *keystore_of(const char *dir, const char *given)
{
	const char *slash;
	struct stat st;

	if (!given || !*given)
		return in_dir(dir, "keystore");
	slash = strrchr(given, '/');
	if (stat(given, &st) == 0 && S_ISREG(st.st_mode))
		return slash ? xstrndup(given, (size_t)(slash - given)) : xstrdup(".");
	return xstrdup(given);
}

static void read_keys(struct alpha_dir *d)
{
	struct file_names names;
	struct err *e = file_list(d->keystore, NAMES_MAX, &names);

	if (e && err_kind(e) != ERR_NOT_FOUND)
		remark(d, REMARK_KEY_BROKEN, "the keystore cannot be read: %s", err_text(e));
	err_free(e);
	for (size_t i = 0; i < names.n; i++)
		add_key(d, names.v[i]);
	file_names_clear(&names);
	if (count_accounts(d) > 1)
		remark(d, REMARK_SEVERAL_KEYS, "the keystore has %zu accounts: say which is the "
			"node's, since the first by name is no reason", count_accounts(d));
}

/* --- the database --- */

static enum alpha_generation judge(const struct alpha_dir *d, const struct alpha_schema *s,
	bool is_lpdb)
{
	if (is_lpdb && s->kv && s->table[ALPHA_ORCHESTRATORS])
		return ALPHA_LPDB;
	/* Before the others: Streamflow's first versions took the alpha's file and
	 * put their tables beside its. */
	if (s->kv && s->table[ALPHA_JOBS])
		return s->table[ALPHA_BROADCASTS] ? ALPHA_0_3 : ALPHA_0_2;
	if (s->kv && s->table[ALPHA_ORCHESTRATORS])
		return s->queue ? ALPHA_LPDB : s->activation ? ALPHA_0_5_2 :
			s->price ? ALPHA_0_5_0 : ALPHA_0_4;
	if (!s->any)
		return d->n_keys ? ALPHA_KEYS : ALPHA_NOTHING;
	return ALPHA_FOREIGN;
}

static void remark_database(struct alpha_dir *d, const struct alpha_schema *s)
{
	if (s->table[ALPHA_JOBS] && s->table[ALPHA_ORCHESTRATORS])
		remark(d, REMARK_MIXED, "a node of Streamflow has used the alpha's database: "
			"both have their tables in it");
	if (!s->any)
		remark(d, REMARK_NO_DB, "the database is empty");
	if (alpha_db_is_shared(d->db))
		remark(d, REMARK_SHARED, "two networks have used this database: which of its "
			"locks are whose, the chain will say");
}

/* Remarks on files beside the database. */
static void look_beside(struct alpha_dir *d)
{
	char *real = realpath(d->db_path, NULL); /* of a link: its journals lie there */
	static const struct {
		const char *suffix, *text;
		enum alpha_remark_kind kind;
	} beside[] = {
		{ "-journal", "a node was killed in the middle of a change: its journal is "
			"applied to the copy that is read, not to the file", REMARK_JOURNAL },
		{ "-wal", "changes lie in a log beside the database, and are read from there",
			REMARK_WAL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(beside); i++) {
		struct str path = STR_INIT;
		struct stat st;

		str_printf(&path, "%s%s", real ? real : d->db_path, beside[i].suffix);
		if (stat(path.s, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0)
			remark(d, beside[i].kind, "%s", beside[i].text);
		str_clear(&path);
	}
	free(real);
}

static void open_database(struct alpha_dir *d, const char *tmp)
{
	struct private_copy *c = NULL;
	struct err *e = private_copy_make(d->db_path, tmp, &c);

	if (!e)
		e = alpha_db_open(private_copy_path(c), &d->db);
	/* The connection has all that it needs: from here on nothing is left behind,
	 * even when this process is killed. */
	private_copy_drop(c);
	if (!e)
		return;
	d->db_problem = words_of(e);
	remark(d, REMARK_DB_PROBLEM, "%s cannot be read: %s", strrchr(d->db_path, '/') + 1,
		d->db_problem);
}

static bool is_there(const char *dir, const char *name)
{
	char *path = in_dir(dir, name);
	struct stat st;
	bool there = lstat(path, &st) == 0;

	free(path);
	return there;
}

#define WEIR_DB "weir.sqlite"
#define LPDB "lpdb.sqlite3"
#define LP_DB "lp.sqlite3"

/* The name of the one that counts; NULL: none. */
static const char *choose_database(struct alpha_dir *d)
{
	static const char *const names[] = { LPDB, LP_DB };
	const char *name = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (!is_there(d->path, names[i]))
			continue;
		if (name)
			remark(d, REMARK_TWO_DBS, "there is %s too; %s is what counts", names[i],
				name);
		else
			name = names[i];
	}
	return name;
}

static void do_without_database(struct alpha_dir *d)
{
	d->generation = d->weir ? ALPHA_WEIR : d->n_keys ? ALPHA_KEYS : ALPHA_NOTHING;
	if (d->generation == ALPHA_KEYS)
		remark(d, REMARK_NO_DB, "there are keys and no database: nothing to archive, "
			"all that is needed is on the chain");
}

static void read_database(struct alpha_dir *d, const char *tmp)
{
	const char *name = choose_database(d);
	struct stat st;

	/* Not opened: a node in this process would lose its locks on it with our
	 * closing it. */
	d->weir = is_there(d->path, WEIR_DB);
	if (!name) {
		do_without_database(d);
		return;
	}
	d->db_path = in_dir(d->path, name);
	if (lstat(d->db_path, &st) == 0 && S_ISLNK(st.st_mode))
		remark(d, REMARK_LINK, "%s is a symbolic link", name);
	look_beside(d);
	d->holder = private_copy_holder(d->db_path);
	if (d->holder)
		remark(d, REMARK_RUNNING, "process %lld has the database open: stop that node "
			"before anything is moved", (long long)d->holder);
	open_database(d, tmp);
	d->generation = ALPHA_UNREADABLE;
	if (!d->db)
		return;
	d->generation = judge(d, alpha_db_schema(d->db), strcmp(name, LPDB) == 0);
	remark_database(d, alpha_db_schema(d->db));
	if (!d->n_keys && d->generation != ALPHA_FOREIGN)
		remark(d, REMARK_NO_KEYS, "no keyfile lies in %.200s: where is the node's key?",
			d->keystore);
}

/* --- what else lies there --- */

static bool is_known(const char *name)
{
	static const char *const known[] = { "keystore", LP_DB, LPDB, WEIR_DB, "weir.lock",
		"weir.sock", "weir.log", "alpha.sqlite", "offchain", "mainnet", "rinkeby",
		"devenv", "ethpw", "pw" };

	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		size_t n = strlen(known[i]);

		if (strncmp(name, known[i], n) != 0)
			continue;
		if (!name[n] || strcmp(name + n, "-journal") == 0 ||
			strcmp(name + n, "-wal") == 0 || strcmp(name + n, "-shm") == 0)
			return true;
	}
	return false;
}

static void look_at_name(struct alpha_dir *d, const char *name, struct str *junk)
{
	char *path = in_dir(d->path, name);
	struct stat st;

	if (lstat(path, &st) != 0) {
		free(path);
		return;
	}
	free(path);
	if (S_ISDIR(st.st_mode) && strcmp(name, "keystore") != 0)
		remark(d, REMARK_SUBDIR, "directory %.96s may be another network's: look at it "
			"by itself", name);
	else if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode) && !S_ISLNK(st.st_mode) &&
		strcmp(name, "weir.sock") != 0)
		remark(d, REMARK_SPECIAL, "%.96s is no file: a pipe, a socket or a device", name);
	else if (!is_known(name) && junk->len < SHOWN_MAX)
		str_printf(junk, "%s%.48s", junk->len ? ", " : "", name);
}

static void look_around(struct alpha_dir *d, const struct file_names *names)
{
	struct str junk = STR_INIT;

	for (size_t i = 0; i < names->n; i++)
		look_at_name(d, names->v[i], &junk);
	if (junk.len)
		remark(d, REMARK_FOREIGN, "no node leaves these, and they stay where they are: %s",
			junk.s);
	if (names->more)
		remark(d, REMARK_FOREIGN, "there are more than %d names here", NAMES_MAX);
	str_clear(&junk);
}

struct err *alpha_dir_read(const char *path, const char *keystore, const char *tmp,
	struct alpha_dir **out)
{
	struct file_names names;
	struct alpha_dir *d;
	char *real = realpath(path, NULL);
	struct err *e;

	*out = NULL;
	if (!real)
		return errno == ENOENT ? err_new(ERR_NOT_FOUND, "no directory %s", path)
				       : err_sys(errno, "%s", path);
	e = file_list(real, NAMES_MAX, &names);
	if (e) {
		free(real);
		return e;
	}
	d = XNEW(struct alpha_dir);
	d->path = real;
	d->keystore = keystore_of(real, keystore);
	read_keys(d);
	read_database(d, tmp);
	look_around(d, &names);
	file_names_clear(&names);
	*out = d;
	return NULL;
}

void alpha_dir_free(struct alpha_dir *d)
{
	if (!d)
		return;
	for (size_t i = 0; i < d->n_keys; i++) {
		free(d->keys[i].path);
		free(d->keys[i].problem);
	}
	for (size_t i = 0; i < d->n_remarks; i++)
		free(d->remarks[i].text);
	alpha_db_close(d->db);
	free(d->keys);
	free(d->remarks);
	free(d->db_path);
	free(d->db_problem);
	free(d->keystore);
	free(d->path);
	free(d);
}

/* --- where to look --- */

static void add_candidate(struct alpha_candidates *c, const char *path)
{
	char *real = realpath(path, NULL);
	struct stat st;

	if (!real || stat(real, &st) != 0 || !S_ISDIR(st.st_mode) ||
		c->n == ALPHA_CANDIDATES_MAX) {
		free(real);
		return;
	}
	for (size_t i = 0; i < c->n; i++)
		if (strcmp(c->v[i], real) == 0) {
			free(real);
			return;
		}
	c->v[c->n++] = real;
}

void alpha_candidates_find(const char *home, const char *given, struct alpha_candidates *out)
{
	char *base = in_dir(home, ".lpData");
	struct file_names names;
	struct err *e;

	*out = (struct alpha_candidates){ .n = 0 };
	if (given)
		add_candidate(out, given);
	add_candidate(out, base);
	e = file_list(base, NAMES_MAX, &names);
	for (size_t i = 0; i < names.n; i++) {
		char *path = in_dir(base, names.v[i]);

		if (strcmp(names.v[i], "keystore") != 0)
			add_candidate(out, path);
		free(path);
	}
	err_free(e);
	file_names_clear(&names);
	free(base);
}

void alpha_candidates_clear(struct alpha_candidates *c)
{
	for (size_t i = 0; i < c->n; i++)
		free(c->v[i]);
	c->n = 0;
}
