#include "src/node/import.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db/kv.h"
#include "db/locks.h"
#include "db/lpdb.h"
#include "db/tickets.h"
#include "proto/keyfile_codec.h"
#include "src/base/clock.h"
#include "src/base/file.h"
#include "src/crypto/ec.h"
#include "src/migrate/private_copy.h"
#include "src/node/datadir.h"
#include "src/node/keydir.h"
#include "src/pay/ticket_hash.h"

#define LPDB "lpdb.sqlite3"

/* --- tickets --- */

struct import {
	struct db *db;
	struct str *report;
	int64_t open, over, known, refused;
	struct wei open_value;
};

/* Another node's word is not enough: it must be what the chain would pay. */
static const char *judge(const struct winning_ticket *w, struct hash32 hash)
{
	struct eth_addr signer;
	struct err *e = ec_recover(signer.b, hash.b, w->sig.b, sizeof(w->sig.b));
	bool good = !e && addr_eq(signer, w->ticket.sender);

	err_free(e);
	if (!good)
		return "it is not signed by its sender";
	if (!hash_eq(rand_hash(w->rand), w->ticket.rand_hash))
		return "its random number is not the one that was promised";
	if (!ticket_wins(w->sig, w->rand, w->ticket.win_prob))
		return "it did not win";
	return NULL;
}

static struct err *store(struct import *m, const struct lpdb_ticket *t, struct hash32 hash)
{
	struct ticket_record r = { .won = t->won, .hash = hash, .manifest = "imported",
		.won_ms = t->created_ms ? t->created_ms : clock_wall_ms() };
	bool fresh;
	struct err *e = tickets_put_won(m->db, &r, &fresh);

	if (e)
		return e;
	if (!fresh) {
		m->known++;
		return NULL;
	}
	/* What go-livepeer gave up has the hash zero: the redeemer asks the chain
	 * before anything is called lost. */
	if (!t->has_tx || hash_is_zero(t->tx)) {
		m->open++;
		m->open_value = wei_add_or_max(m->open_value, t->won.ticket.face_value);
		return NULL;
	}
	m->over++;
	r.state = TICKET_REDEEMED;
	r.tx_hash = t->tx;
	r.redeemed_ms = t->redeemed_ms;
	r.paid = t->won.ticket.face_value;
	snprintf(r.reason, sizeof(r.reason), "redeemed by go-livepeer, by its own account");
	return tickets_move(m->db, TICKET_WON, &r);
}

static struct err *on_ticket(void *ctx, const struct lpdb_ticket *t)
{
	struct import *m = ctx;
	struct hash32 hash;
	const char *why = t->problem;

	if (why) {
		str_printf(m->report, "a ticket was left behind: its %s cannot be read\n", why);
		m->refused++;
		return NULL;
	}
	hash = ticket_hash(&t->won.ticket);
	why = judge(&t->won, hash);
	if (!why)
		return store(m, t, hash);
	str_add(m->report, "ticket ");
	hash_fmt(m->report, hash);
	str_printf(m->report, " was left behind: %s\n", why);
	m->refused++;
	return NULL;
}

static void report_tickets(struct import *m)
{
	str_printf(m->report, "tickets    %lld to be redeemed (", (long long)m->open);
	wei_fmt(m->report, m->open_value);
	str_printf(m->report, "), %lld redeemed, %lld known already, %lld left behind\n",
		(long long)m->over, (long long)m->known, (long long)m->refused);
}

/* --- locks --- */

struct lock_import {
	struct db *db;
	int64_t open, over, refused;
};

static struct err *on_lock(void *ctx, const struct lpdb_lock *k)
{
	struct lock_import *m = ctx;
	struct lock_record r = { k->delegator, k->id, k->amount, k->withdraw_round };

	if (k->problem) {
		m->refused++;
		return NULL;
	}
	if (k->used_block) {
		m->over++;
		return NULL;
	}
	m->open++;
	return locks_put(m->db, &r);
}

/* --- keyfiles --- */

/* A copy that a keystore has is never replaced. */
static struct err *copy_key(const char *from, const char *to)
{
	struct str text = STR_INIT;
	struct err *e = file_read(from, KEYFILE_MAX, &text);
	int fd = e ? -1 : open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (!e && (fd < 0 || write(fd, text.s, text.len) != (ssize_t)text.len ||
			fsync(fd) != 0))
		e = err_sys(errno, "%s", to);
	if (fd >= 0)
		close(fd);
	str_clear(&text);
	return e;
}

static struct err *take_key(const struct keydir_entry *k, const char *dir,
	struct str *report)
{
	struct str to = STR_INIT;
	char name[EC_ADDR_TEXT_SIZE];
	struct err *e;

	str_printf(&to, "%s%s", dir, strrchr(k->path, '/'));
	e = copy_key(k->path, to.s);
	if (!e) {
		ec_address_text(name, k->key.address.b);
		str_printf(report, "key        %s: its password is the old one\n", name);
	}
	str_clear(&to);
	return e;
}

static struct err *take_keys(const char *from, const char *to, struct str *report)
{
	struct str theirs = STR_INIT, ours = STR_INIT;
	struct keydir old = { .n = 0 }, new = { .n = 0 };
	struct err *e;

	str_printf(&theirs, "%s/keystore", from);
	str_printf(&ours, "%s/keystore", to);
	e = keydir_read(theirs.s, &old);
	if (!e)
		e = keydir_read(ours.s, &new);
	if (!e && old.n && mkdir(ours.s, 0700) != 0 && errno != EEXIST)
		e = err_sys(errno, "%s", ours.s);
	for (size_t i = 0; i < old.n && !e; i++)
		if (!old.v[i].broken && !keydir_find(&new, old.v[i].key.address))
			e = take_key(&old.v[i], ours.s, report);
	keydir_clear(&old);
	keydir_clear(&new);
	str_clear(&theirs);
	str_clear(&ours);
	return e;
}

/* --- all of it --- */

/* Tickets of one chain are worthless on another. */
static struct err *check_chain(struct db *db, struct lpdb *l)
{
	uint64_t theirs, ours;
	char *text = NULL;
	struct err *e = kv_get(db, "chainID", &text);

	if (!e && text && parse_u64(text, &ours) && lpdb_chain_id(l, &theirs) &&
		theirs && theirs != ours)
		e = err_new(ERR_INVALID, "the other node's chain is %llu, this data "
			"directory's is %llu: import it into a directory of its own",
			(unsigned long long)theirs, (unsigned long long)ours);
	free(text);
	return e;
}

static struct err *take_rows(struct db *db, struct lpdb *l, struct str *report)
{
	struct import m = { .db = db, .report = report };
	struct lock_import locks = { .db = db };
	struct err *e = check_chain(db, l);

	if (!e)
		e = db_begin(db);
	if (e)
		return e;
	e = lpdb_each_ticket(l, on_ticket, &m);
	if (!e)
		e = lpdb_each_lock(l, on_lock, &locks);
	e = db_end(db, e);
	if (e)
		return e;
	report_tickets(&m);
	str_printf(report, "locks      %lld open, %lld used, %lld unreadable\n",
		(long long)locks.open, (long long)locks.over, (long long)locks.refused);
	return NULL;
}

static struct err *take_database(const char *from, const char *to, struct str *report)
{
	struct str theirs = STR_INIT;
	struct private_copy *copy = NULL;
	char *ours = datadir_file(to, DATADIR_DB);
	struct lpdb *l = NULL;
	struct db *db = NULL;
	struct err *e;

	str_printf(&theirs, "%s/" LPDB, from);
	e = private_copy_make(theirs.s, to, &copy);
	if (!e)
		e = lpdb_open(private_copy_path(copy), &l);
	if (!e)
		e = db_open(ours, DB_FULL, &db);
	if (!e)
		e = take_rows(db, l, report);
	lpdb_close(l);
	db_close(db);
	private_copy_drop(copy);
	free(ours);
	str_clear(&theirs);
	return e;
}

struct err *import_livepeer(const char *from, const char *to, struct str *report)
{
	struct datadir *d;
	struct err *e = datadir_take(to, &d);

	if (e)
		return e;
	e = take_database(from, datadir_path(d), report);
	if (!e)
		e = take_keys(from, datadir_path(d), report);
	datadir_release(d);
	return err_wrap(e, "import of %s", from);
}
