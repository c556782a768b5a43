/* The steps on the disk. Each makes something so, whatever part of it is so
 * already, and may be done again; what it made is named with its SHA-256 in the
 * record. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "db/archive.h"
#include "db/locks.h"
#include "src/wizard/migration.h"
#include "src/wizard/unit_file.h"
#include "src/base/file.h"
#include "src/migrate/tree.h"
#include "src/model/keyfile.h"
#include "src/node/datadir.h"

#define MANIFEST "SHA256SUMS"
#define KEYFILE_BYTES 65536

/* --- backup --- */

static struct err *sum_file(const char *path, char sum[static SHA256_TEXT_SIZE])
{
	struct str text = STR_INIT;
	struct sha256 s;
	struct err *e = file_read(path, 1 << 30, &text);

	sha256_begin(&s);
	sha256_add(&s, str_cstr(&text), text.len);
	sha256_end(&s, sum);
	str_clear(&text);
	return e;
}

static bool keys_are_elsewhere(const struct migration *m)
{
	size_t n = strlen(m->from);

	return strncmp(m->alpha->keystore, m->from, n) != 0 || m->alpha->keystore[n] != '/';
}

static struct err *copy_tree(const char *from, const char *to, struct str *manifest,
	const char *prefix)
{
	struct tree t;
	/* A node of weir's may work in a directory below: the default one is there. */
	struct err *e = tree_read_but(from, DATADIR_DB, &t);

	if (e)
		return e;
	e = tree_copy(&t, from, to);
	for (size_t i = 0; i < t.n; i++)
		if (t.v[i].kind == TREE_FILE)
			str_printf(manifest, "%s  %s/%s\n", t.v[i].sha256, prefix, t.v[i].path);
	tree_clear(&t);
	return e;
}

static struct err *fill_backup(struct migration *m, const char *part)
{
	char *data = datadir_file(part, "data"), *keys = datadir_file(part, "keystore");
	char *sums = datadir_file(part, MANIFEST);
	struct str manifest = STR_INIT;
	struct err *e = datadir_make(part);

	if (!e)
		e = copy_tree(m->from, data, &manifest, "data");
	if (!e && keys_are_elsewhere(m) && m->alpha->n_keys)
		e = copy_tree(m->alpha->keystore, keys, &manifest, "keystore");
	if (!e)
		e = file_write(sums, str_cstr(&manifest), manifest.len, 0600);
	str_clear(&manifest);
	free(data);
	free(keys);
	free(sums);
	return e;
}

static struct err *do_backup(struct migration *m, char sum[static SHA256_TEXT_SIZE])
{
	char *sums = datadir_file(m->backup, MANIFEST), *part = NULL, *slash;
	struct str s = STR_INIT;
	struct err *e = sum_file(sums, sum);

	if (!e || err_kind(e) != ERR_NOT_FOUND) {
		free(sums);
		return e; /* it is there, whole, since it has its name */
	}
	err_free(e);
	str_printf(&s, "%s.part", m->backup);
	part = str_take(&s);
	e = tree_remove(part); /* of a run that died in it */
	if (!e)
		e = fill_backup(m, part);
	if (!e && rename(part, m->backup) != 0)
		e = err_sys(errno, "%s", m->backup);
	slash = strrchr(part, '/');
	*slash = '\0';
	if (!e)
		e = directory_sync(part);
	if (!e)
		e = sum_file(sums, sum);
	free(part);
	free(sums);
	return e;
}

/* --- keys --- */

static struct err *copy_key(const char *from, const char *dir, struct str *sums)
{
	struct str bytes = STR_INIT, there = STR_INIT;
	char *to = datadir_file(dir, strrchr(from, '/') + 1), sum[SHA256_TEXT_SIZE];
	struct err *e = file_read(from, KEYFILE_BYTES, &bytes);

	if (!e)
		e = file_write(to, str_cstr(&bytes), bytes.len, 0600);
	if (!e)
		e = file_read(to, KEYFILE_BYTES, &there);
	if (!e && (there.len != bytes.len || memcmp(str_cstr(&there), str_cstr(&bytes),
		bytes.len) != 0))
		e = err_new(ERR_IO, "%s is not what was written: the disk is not to be "
			"trusted", to);
	if (!e)
		e = sum_file(to, sum);
	if (!e)
		str_printf(sums, "%s%s %s", sums->len ? ", " : "", sum, strrchr(to, '/') + 1);
	str_clear(&bytes);
	str_clear(&there);
	free(to);
	return e;
}

static struct err *do_keys(struct migration *m, struct str *sums)
{
	char *dir = datadir_file(m->to, "keystore");
	struct err *e = datadir_make(dir);

	if (!e && chmod(dir, 0700) != 0)
		e = err_sys(errno, "%s", dir);
	for (size_t i = 0; i < m->alpha->n_keys && !e; i++)
		if (!m->alpha->keys[i].problem)
			e = copy_key(m->alpha->keys[i].path, dir, sums);
	if (!e)
		e = directory_sync(dir);
	free(dir);
	return e;
}

/* The copy, not the original: that one was tried before. */
static struct err *do_password(struct migration *m)
{
	const struct alpha_key *k = alpha_dir_find_key(m->alpha, m->account);
	char *dir = datadir_file(m->to, "keystore");
	char *path = datadir_file(dir, strrchr(k->path, '/') + 1);
	struct signer *s = NULL;
	struct err *e = migration_open_key(m, path, &s);

	signer_free(m->signer);
	m->signer = s;
	free(dir);
	free(path);
	return e;
}

/* --- what the old database had --- */

static struct err *do_archive(struct migration *m, struct str *detail)
{
	char *path = datadir_file(m->to, ARCHIVE_FILE);
	struct archive_counts counts = {{0}, {0}};
	struct archive *a = NULL;
	struct err *e = archive_open(path, &a);

	if (!e)
		e = archive_put(a, m->alpha->db, m->from, &counts);
	archive_close(a);
	for (int t = 0; t < ALPHA_TABLES && !e; t++)
		str_printf(detail, "%s%lld %s", t ? ", " : "", (long long)counts.rows[t],
			alpha_table_name((enum alpha_table)t));
	free(path);
	return e;
}

struct locks {
	struct db *db;
	struct eth_addr account;
	int64_t taken, others;
};

static struct err *on_lock(void *ctx, const struct lpdb_lock *k)
{
	struct locks *l = ctx;
	struct lock_record r = {k->delegator, k->id, k->amount, k->withdraw_round};

	if (k->problem || k->used_block)
		return NULL;
	/* Of another key, or of another network that shared the directory. */
	if (!addr_eq(k->delegator, l->account)) {
		l->others++;
		return NULL;
	}
	l->taken++;
	return locks_put(l->db, &r);
}

static struct err *do_locks(struct migration *m, struct str *detail)
{
	char *path = datadir_file(m->to, DATADIR_DB);
	struct locks l = {.account = m->account};
	struct datadir *taken;
	struct err *e = datadir_take(m->to, &taken);

	if (!e)
		e = db_open(path, DB_FULL, &l.db);
	if (!e)
		e = db_begin(l.db);
	if (!e)
		e = db_end(l.db, alpha_db_each_lock(m->alpha->db, on_lock, &l));
	str_printf(detail, "%lld of this account; %lld of others stay in the archive",
		(long long)l.taken, (long long)l.others);
	db_close(l.db);
	datadir_release(taken);
	free(path);
	return e;
}

/* --- all of them --- */

static struct err *do_config(struct migration *m, char sum[static SHA256_TEXT_SIZE])
{
	struct err *e = file_write(m->config_path, m->config_text, strlen(m->config_text), 0600);

	return e ? e : sum_file(m->config_path, sum);
}

static struct err *act(struct migration *m, enum migrate_step s, struct str *detail,
	char sum[static SHA256_TEXT_SIZE])
{
	switch (s) {
	case MIGRATE_BACKUP:
		str_add(detail, m->backup);
		return do_backup(m, sum);
	case MIGRATE_DIRECTORY:
		str_add(detail, m->to);
		return datadir_make(m->to);
	case MIGRATE_KEYS:
		return do_keys(m, detail);
	case MIGRATE_PASSWORD:
		return do_password(m);
	case MIGRATE_ARCHIVE:
		return do_archive(m, detail);
	case MIGRATE_LOCKS:
		return do_locks(m, detail);
	case MIGRATE_CONFIG:
		str_add(detail, m->config_path);
		return do_config(m, sum);
	case MIGRATE_UNIT:
		return unit_write(m, detail, sum);
	case MIGRATE_VERIFY:
		return migration_verify(m);
	case MIGRATE_REFUND:
	case MIGRATE_ACTIVATE:
	case MIGRATE_SERVICE:
	case MIGRATE_FUND:
	case MIGRATE_STEPS:
		break;
	}
	return err_new(ERR_INTERNAL, "no step on the disk");
}

/* The highest directory that is not there yet: what is made for it goes with it. */
static char *first_made(const char *path)
{
	char *at = xstrdup(path);
	struct stat st;

	if (stat(at, &st) == 0) {
		free(at);
		return xstrdup("");
	}
	for (;;) {
		char *slash = strrchr(at, '/');

		if (!slash || slash == at)
			return at;
		*slash = '\0';
		if (stat(at, &st) == 0) {
			*slash = '/';
			return at;
		}
	}
}

static struct err *begin(struct migration *m, enum migrate_step s)
{
	char *made = s == MIGRATE_DIRECTORY ? first_made(m->to) : NULL;
	struct migration_line line = {.before = made};
	/* What was found before the first try is what there was. */
	struct err *e = made && record_last(m->record, "begun", step_info(s)->name) ? NULL
		: migration_note(m, "begun", s, &line);

	free(made);
	return e;
}

struct err *migration_file_step(struct migration *m, const struct planned_step *s)
{
	char sum[SHA256_TEXT_SIZE] = "";
	struct str detail = STR_INIT;
	struct migration_line line = {0};
	struct err *e = begin(m, s->step);

	if (!e)
		e = act(m, s->step, &detail, sum);
	line.after = sum;
	line.text = detail.s;
	if (!e)
		e = migration_note(m, "done", s->step, &line);
	str_clear(&detail);
	return e;
}
