/* Taking over a go-livepeer data directory: what is money comes along, what is
 * not believable stays, and not a byte of theirs changes. The fixture has the
 * tables of go-livepeer common/db.go and two real winners of Arbitrum One. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "db/kv.h"
#include "db/locks.h"
#include "db/tickets.h"
#include "src/crypto/keystore.h"
#include "src/node/import.h"
#include "src/node/keydir.h"
#include "tests/unit/outcome.h"
#include "tests/unit/scratch.h"

static char dir[64], theirs[96], ours[96], lpdb[128];
static struct str report;

static void sql(const char *text)
{
	char *why = NULL;
	sqlite3 *s;

	assert_int_equal(sqlite3_open(lpdb, &s), SQLITE_OK);
	if (sqlite3_exec(s, text, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s: %s", text, why);
	sqlite3_close(s);
}

#define QUEUE "INSERT INTO ticketQueue (createdAt, sender, recipient, faceValue, winProb," \
	" senderNonce, recipientRand, recipientRandHash, sig, creationRound," \
	" creationRoundBlockHash, paramsExpirationBlock, redeemedAt, txHash) VALUES "
#define SENDER "'0x3eE860A4abA830AF84EbBCE2b381fc11DB8493e2'"
#define A_HEAD "('2022-05-01 12:00:00', " SENDER ", '0x9C10672CEE058Fd658103d90872fE431bb6C0AFa'," \
	" x'57c3cdc9be11ec', x'0a5ce4361d251fc5d71ba8fa55eef46b5a59a967145c79aa4cdbe1f943ad0000'," \
	" 1, x'2ec8398aed129f376c296c8b999d2f9ee61494110f9a752494d2ef1b89a4c9d3'," \
	" '0xd00ef48a6825d9ae93097ad55bc76057fb50afc203aa98fd4e01aa6576d71298',"
#define A_SIG "x'5ff5265992f1a6563851d085f363b16ad65416baaee090ee368b59082437df7a" \
	"0237214659511fc188d6a4ef57c988bb18faa3e99826c78e9e75eb29366745891b'"
#define A_TAIL ", 1673, '0xa9f81d59be53a90a12cb12f627aa9e87c505320bad20a98fd98d5ed23bfe9a54', 5000,"
#define B_ROW "('2022-05-02 12:00:00', " SENDER ", '0xa5E37e0BA14655e92DEff29F32adbc7D09b8a2cF'," \
	" x'2386F26FC10000', x'068db8bac710cb295e9e1b089a027525460aa64c2f837b4a233a4c6f8cf000'," \
	" 14, x'46641fdc00b0da1c09807862f3a56fb300b94592be66ca46e1248a895eeaa2be'," \
	" '0x5309662eee5608da45aaefe60433adec052acab8683dd12d78aad8a0192b3bec'," \
	" x'90cb8a9280386cc77e9f3473bb87530cf9a1dbe5625013a9ed16675ad7607c80" \
	"0bf4e32ee4cc6b9c785e1c786c9965831a8216c408b251f98d6c18bf1bf4d1621c', 1619," \
	" '0xf3b1d2925fd1325a8a6ba8923fbe6de31dd93d9e85540eaf5a306f21177c3b8c', 5000,"

static int setup(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/weir-import-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(theirs, sizeof(theirs), "%s/theirs", dir);
	snprintf(ours, sizeof(ours), "%s/ours", dir);
	snprintf(lpdb, sizeof(lpdb), "%s/lpdb.sqlite3", theirs);
	assert_int_equal(mkdir(theirs, 0700), 0);
	sql("CREATE TABLE kv (key STRING PRIMARY KEY, value STRING, updatedAt STRING);"
	    "INSERT INTO kv VALUES ('dbVersion', '1', ''), ('chainID', '42161', '');"
	    "CREATE TABLE orchestrators (ethereumAddr STRING PRIMARY KEY, createdAt STRING,"
	    " updatedAt STRING, serviceURI STRING, pricePerPixel int64, activationRound int64,"
	    " deactivationRound int64, stake int64);"
	    "CREATE TABLE unbondingLocks (createdAt STRING, id INTEGER NOT NULL, delegator STRING,"
	    " amount TEXT, withdrawRound int64, usedBlock int64, PRIMARY KEY(id, delegator));"
	    "CREATE TABLE ticketQueue (createdAt DATETIME DEFAULT CURRENT_TIMESTAMP,"
	    " sender STRING, recipient STRING, faceValue BLOB, winProb BLOB, senderNonce INTEGER,"
	    " recipientRand BLOB, recipientRandHash STRING, sig BLOB PRIMARY KEY,"
	    " creationRound int64, creationRoundBlockHash STRING, paramsExpirationBlock int64,"
	    " redeemedAt DATETIME, txHash STRING);");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	str_clear(&report);
	return scratch_drop(dir);
}

static struct db *open_ours(void)
{
	char path[128];
	struct db *db;

	snprintf(path, sizeof(path), "%s/weir.sqlite", ours);
	ok(db_open(path, DB_FULL, &db));
	return db;
}

static struct err *list(void *ctx, const struct ticket_record *r)
{
	str_printf(ctx, "%s:", ticket_state_name(r->state));
	u256_fmt(ctx, r->won.ticket.face_value.v);
	str_printf(ctx, ":%lld ", (long long)r->won_ms);
	return NULL;
}

static void tickets_are(const char *want)
{
	struct db *db = open_ours();
	struct str s = STR_INIT;

	ok(tickets_each(db, &(struct ticket_filter){ .oldest_first = true }, list, &s));
	assert_string_equal(str_cstr(&s), want);
	str_clear(&s);
	db_close(db);
}

static void winners_come_along_once(void **state)
{
	(void)state;
	sql(QUEUE A_HEAD A_SIG A_TAIL " NULL, NULL)");
	sql(QUEUE B_ROW " '2022-05-02 13:00:00',"
		" '0x00000000000000000000000000000000000000000000000000000000000000ab')");
	ok(import_livepeer(theirs, ours, &report));
	tickets_are("won:24703611594215916:1651406400000 "
		"redeemed:10000000000000000:1651492800000 ");
	assert_non_null(strstr(report.s, "1 to be redeemed (0.024703611594215916 ETH), "
					 "1 redeemed"));
	str_truncate(&report, 0);
	ok(import_livepeer(theirs, ours, &report));
	assert_non_null(strstr(report.s, "0 to be redeemed (0 wei), 0 redeemed, 2 known already"));
}

/* go-livepeer marks what it gave up as redeemed by nothing (livepeer#2160). */
static void what_was_given_up_is_looked_at_again(void **state)
{
	(void)state;
	sql(QUEUE B_ROW " '2022-05-02 13:00:00',"
		" '0x0000000000000000000000000000000000000000000000000000000000000000')");
	ok(import_livepeer(theirs, ours, &report));
	tickets_are("won:10000000000000000:1651492800000 ");
}

static void what_would_not_be_paid_stays(void **state)
{
	(void)state;
	/* Another face value than the signed one; a signature cut short; a sender
	 * that SQLite took for a number. */
	sql(QUEUE B_ROW " NULL, NULL)");
	sql("UPDATE ticketQueue SET faceValue = x'2386F26FC10001'");
	sql(QUEUE A_HEAD "x'5ff5'" A_TAIL " NULL, NULL)");
	sql("INSERT INTO ticketQueue (sender, sig) VALUES ('123e4', x'01')");
	ok(import_livepeer(theirs, ours, &report));
	tickets_are("");
	assert_non_null(strstr(report.s, "not signed by its sender"));
	assert_non_null(strstr(report.s, "its sig cannot be read"));
	assert_non_null(strstr(report.s, "its sender cannot be read"));
	assert_non_null(strstr(report.s, "3 left behind"));
}

static void on_lock(void *ctx, const struct lock_record *l)
{
	str_printf(ctx, "%llu:", (unsigned long long)l->id);
	lpt_fmt(ctx, l->amount);
	str_printf(ctx, ":%lld ", (long long)l->withdraw_round.v);
}

static void locks_and_keys_come_along(void **state)
{
	struct str s = STR_INIT;
	struct keydir keys;
	struct keyfile k;
	struct stat st;
	struct db *db;
	char *path, *new;

	(void)state;
	sql("INSERT INTO unbondingLocks (id, delegator, amount, withdrawRound, usedBlock) VALUES"
	    " (0, '0x3eE860A4abA830AF84EbBCE2b381fc11DB8493e2', '1500000000000000000', 17, NULL),"
	    " (1, '0x3eE860A4abA830AF84EbBCE2b381fc11DB8493e2', '7', 18, 99)");
	ok(key_create("pw", KEY_LIGHT, &k));
	str_printf(&s, "%s/keystore", theirs);
	ok(keydir_write(s.s, &k, 1, &path));
	str_clear(&s);
	ok(import_livepeer(theirs, ours, &report));
	db = open_ours();
	struct eth_addr who;

	assert_true(addr_parse(&who, "3eE860A4abA830AF84EbBCE2b381fc11DB8493e2"));
	ok(locks_each(db, who, on_lock, &s));
	assert_string_equal(str_cstr(&s), "0:1.5 LPT:17 ");
	db_close(db);
	str_clear(&s);
	str_printf(&s, "%s/keystore", ours);
	ok(keydir_read(s.s, &keys));
	assert_int_equal(keys.n, 1);
	assert_true(addr_eq(keys.v[0].key.address, k.address));
	new = keys.v[0].path;
	assert_int_equal(stat(new, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	keydir_clear(&keys);
	str_clear(&s);
	free(path);
}

static void tickets_of_another_chain_are_refused(void **state)
{
	struct db *db;

	(void)state;
	assert_int_equal(mkdir(ours, 0700), 0);
	db = open_ours();
	ok(kv_put(db, "chainID", "1"));
	db_close(db);
	refuses(import_livepeer(theirs, ours, &report), "chain is 42161");
}

static void other_databases_are_named(void **state)
{
	(void)state;
	sql("DROP TABLE orchestrators; CREATE TABLE jobs (id INTEGER, streamID STRING)");
	refuses(import_livepeer(theirs, ours, &report), "Livepeer alpha");
	unlink(lpdb);
	refuses(import_livepeer(theirs, ours, &report), "No such file");
}

/* Killed while it wrote: the file is half new, and a journal says what to take
 * back. */
static void leave_a_hot_journal(void)
{
	sqlite3 *s;
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		if (sqlite3_open(lpdb, &s) == SQLITE_OK)
			sqlite3_exec(s, "PRAGMA cache_size = 2; BEGIN;"
				"DELETE FROM ticketQueue;"
				"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
				" WHERE i < 2000) INSERT INTO ticketQueue (sig) SELECT"
				" randomblob(65) FROM n;", NULL, NULL, NULL);
		raise(SIGKILL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
}

static struct str bytes_of(const char *suffix, struct stat *st)
{
	struct str s = STR_INIT;
	char name[160], buf[4096];
	size_t n;
	FILE *f;

	snprintf(name, sizeof(name), "%s%s", lpdb, suffix);
	assert_int_equal(stat(name, st), 0);
	f = fopen(name, "r");
	assert_non_null(f);
	while ((n = fread(buf, 1, sizeof(buf), f)) > 0)
		str_addn(&s, buf, n);
	fclose(f);
	return s;
}

static void not_a_byte_of_theirs_changes(void **state)
{
	static const char *const suffix[] = { "", "-journal" };
	struct str before[2], after;
	struct stat was[2], is;

	(void)state;
	sql(QUEUE A_HEAD A_SIG A_TAIL " NULL, NULL)");
	leave_a_hot_journal();
	for (int i = 0; i < 2; i++)
		before[i] = bytes_of(suffix[i], &was[i]);
	ok(import_livepeer(theirs, ours, &report));
	tickets_are("won:24703611594215916:1651406400000 ");
	for (int i = 0; i < 2; i++) {
		after = bytes_of(suffix[i], &is);
		assert_int_equal(after.len, before[i].len);
		assert_memory_equal(after.s, before[i].s, after.len);
		assert_int_equal(is.st_mtim.tv_sec, was[i].st_mtim.tv_sec);
		assert_int_equal(is.st_mtim.tv_nsec, was[i].st_mtim.tv_nsec);
		str_clear(&after);
		str_clear(&before[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(winners_come_along_once),
		T(what_was_given_up_is_looked_at_again),
		T(what_would_not_be_paid_stays),
		T(locks_and_keys_come_along),
		T(tickets_of_another_chain_are_refused),
		T(other_databases_are_named),
		T(not_a_byte_of_theirs_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
