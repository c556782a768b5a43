/* What tickets cost: validated by the orchestrator's rules, beside the
 * cryptography that nobody can do without; and winners put on the disk, beside
 * SQLite committing as many bytes. Each pair goes by turns, so that both meet
 * the same machine.
 *
 *   bench_ticket DIR [ROUNDS]
 *
 * DIR gets two databases. Prints one JSON object; ratios are medians of each
 * round's, 1 is the bare cost. Validation is timed in processor time of one
 * core, commits by the clock on the wall. */
#include <errno.h>
#include <sched.h>
#include <secp256k1.h>
#include <secp256k1_recovery.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "db/tickets.h"
#include "src/crypto/ec.h"
#include "src/crypto/keccak.h"
#include "src/pay/recipient.h"
#include "src/pay/ticket_hash.h"

#define TICKETS 2000
#define WINS 60
#define ROUNDS_MAX 99
#define FLAT_SIZE 232 /* of a ticket as it is hashed */
#define DRAW_SIZE 97  /* signature and random number */

static void die(const char *what, const char *why)
{
	fprintf(stderr, "bench_ticket: %s: %s\n", what, why);
	exit(1);
}

static double seconds(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values, size_t n)
{
	qsort(values, n, sizeof(*values), by_size);
	return values[n / 2];
}

/* --- the tickets --- */

static const uint8_t key[32] = { 1, 2, 3 };
static struct recipient_options options;
static struct sender_funds funds;
static struct chain_facts facts;
static struct price price;
static struct payment payments[TICKETS];
static struct winning_ticket kept[TICKETS];

static void make_ticket(const struct recipient *r, size_t i)
{
	struct payment *p = &payments[i];
	uint8_t seed[32] = { 0 };
	struct ticket t;
	struct hash32 h;

	memcpy(seed, &i, sizeof(i));
	*p = (struct payment){ .has_params = true, .has_sender = true, .n = 1 };
	if (!ec_address(p->sender.b, key) ||
		!recipient_params(r, &p->params, p->sender, price, funds.reserve, &facts,
			seed))
		die("params", "refused");
	p->created = p->params.created;
	t = (struct ticket){ p->params.recipient, p->sender, p->params.face_value,
		p->params.win_prob, 1, p->params.rand_hash, p->created, { 0 } };
	h = ticket_hash(&t);
	p->tickets = xcalloc(1, sizeof(*p->tickets));
	p->tickets[0].nonce = 1;
	p->tickets[0].sig_len = EC_SIG_SIZE;
	if (!ec_sign_hash(p->tickets[0].sig.b, h.b, key))
		die("signature", "failed");
}

static void make_tickets(void)
{
	struct recipient *r;

	options = (struct recipient_options){ .address = { { 7 } }, .secret = { 3 },
		.ticket_ev = wei_from(8000000000), .redeem_gas = { 350000 } };
	funds = (struct sender_funds){ .deposit = wei_from_gwei(1000000000),
		.reserve = wei_from_gwei(1000000000) };
	facts = (struct chain_facts){ .ready = true, .l1 = { 18000000 },
		.gas_price = wei_from_gwei(1),
		.round = { .initialized = { 2468 }, .hash = { { 9 } }, .pool_size = 1 } };
	if (!price_from_wire(&price, 1212, 1))
		die("price", "refused");
	r = recipient_new(&options);
	for (size_t i = 0; i < TICKETS; i++)
		make_ticket(r, i);
	recipient_free(r);
}

/* Every rule, the book of nonces, and forgetting them again. */
static double validate_all(void)
{
	struct judgement j = { &funds, &facts, price };
	struct recipient *r = recipient_new(&options);
	double began = seconds(CLOCK_THREAD_CPUTIME_ID);
	bool won;

	for (size_t i = 0; i < TICKETS; i++)
		if (recipient_receive(r, &payments[i], 0, &j, &won, &kept[i]) != TICKET_OK)
			die("ticket", "refused");
	recipient_forget(r, (struct l1_block){ facts.l1.v + 1000 });
	began = seconds(CLOCK_THREAD_CPUTIME_ID) - began;
	recipient_free(r);
	return began;
}

/* --- the same work, bare --- */

static uint8_t flat[TICKETS][FLAT_SIZE], draws[TICKETS][DRAW_SIZE];

static void flatten_all(void)
{
	for (size_t i = 0; i < TICKETS; i++) {
		const struct ticket *t = &kept[i].ticket;
		uint8_t *f = flat[i];

		memcpy(f, t->recipient.b, 20);
		memcpy(f + 20, t->sender.b, 20);
		u256_to_be(f + 40, t->face_value.v);
		u256_to_be(f + 72, t->win_prob.v);
		u256_to_be(f + 104, u256_from(t->nonce));
		memcpy(f + 136, t->rand_hash.b, 32);
		u256_to_be(f + 168, u256_from((uint64_t)t->created.round.v));
		memcpy(f + 200, t->created.block_hash.b, 32);
		memcpy(draws[i], kept[i].sig.b, EC_SIG_SIZE);
		u256_to_be(draws[i] + EC_SIG_SIZE, kept[i].rand);
	}
}

static void recover_one(size_t i)
{
	static const char prefix[] = "\x19" "Ethereum Signed Message:\n32";
	uint8_t message[sizeof(prefix) - 1 + 32], digest[32], raw[65], hash[32];
	secp256k1_ecdsa_recoverable_signature sig;
	secp256k1_pubkey pub;
	size_t n = sizeof(raw);

	memcpy(message, prefix, sizeof(prefix) - 1);
	keccak_256(message + sizeof(prefix) - 1, flat[i], FLAT_SIZE);
	keccak_256(digest, message, sizeof(message));
	if (!secp256k1_ecdsa_recoverable_signature_parse_compact(secp256k1_context_static,
		    &sig, draws[i], draws[i][64] - EC_V_BASE) ||
		!secp256k1_ecdsa_recover(secp256k1_context_static, &pub, &sig, digest))
		die("recover", "failed");
	secp256k1_ec_pubkey_serialize(secp256k1_context_static, raw, &n, &pub,
		SECP256K1_EC_UNCOMPRESSED);
	keccak_256(hash, raw + 1, n - 1);
	if (memcmp(hash + 12, payments[i].sender.b, 20) != 0)
		die("recover", "somebody else signed");
	keccak_256(hash, draws[i] + EC_SIG_SIZE, 32); /* the random number's hash */
	keccak_256(hash, draws[i], DRAW_SIZE);	      /* did it win? */
}

static double recover_all(void)
{
	double began = seconds(CLOCK_THREAD_CPUTIME_ID);

	for (size_t i = 0; i < TICKETS; i++)
		recover_one(i);
	return seconds(CLOCK_THREAD_CPUTIME_ID) - began;
}

/* --- winners --- */

static void check(struct err *e)
{
	if (e)
		die("database", err_text(e));
}

/* One commit each: a payment seldom holds two. */
static double commit_wins(struct db *db, size_t from)
{
	double began = seconds(CLOCK_MONOTONIC);

	for (size_t i = from; i < from + WINS; i++) {
		struct ticket_record r = { .won = kept[i % TICKETS],
			.session = "0b1c2d3e", .manifest = "movie", .won_ms = (int64_t)i };
		bool fresh;

		/* Another round's ticket is another one. */
		memcpy(r.won.sig.b, &i, sizeof(i));
		memcpy(r.hash.b, &i, sizeof(i));
		check(tickets_put_won(db, &r, &fresh));
		if (!fresh)
			die("winner", "known already");
	}
	return seconds(CLOCK_MONOTONIC) - began;
}

static sqlite3_stmt *open_bare(const char *path, sqlite3 **db)
{
	sqlite3_stmt *st;

	if (sqlite3_open(path, db) ||
		sqlite3_exec(*db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
			" CREATE TABLE t (b BLOB)", NULL, NULL, NULL) ||
		sqlite3_prepare_v2(*db, "INSERT INTO t VALUES (?1)", -1, &st, NULL))
		die(path, sqlite3_errmsg(*db));
	return st;
}

static double commit_bare(sqlite3_stmt *st)
{
	double began = seconds(CLOCK_MONOTONIC);

	for (size_t i = 0; i < WINS; i++) {
		if (sqlite3_bind_blob(st, 1, &kept[i], sizeof(kept[i]), SQLITE_STATIC) ||
			sqlite3_step(st) != SQLITE_DONE || sqlite3_reset(st))
			die("bare commit", "failed");
	}
	return seconds(CLOCK_MONOTONIC) - began;
}

/* --- */

static void stay_on_one_core(void)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET((size_t)sched_getcpu(), &one);
	if (sched_setaffinity(0, sizeof(one), &one))
		die("core", strerror(errno));
}

static void bench_validation(size_t rounds)
{
	double ratio[ROUNDS_MAX], ours[ROUNDS_MAX], bare[ROUNDS_MAX];

	validate_all();
	flatten_all();
	for (size_t i = 0; i < rounds; i++) {
		ours[i] = validate_all();
		bare[i] = recover_all();
		ratio[i] = bare[i] / ours[i];
	}
	printf("\"ticket_validate_vs_bare\": %.4f, \"tickets_per_s\": %.0f, "
		"\"bare_per_s\": %.0f, ", median(ratio, rounds),
		TICKETS / median(ours, rounds), TICKETS / median(bare, rounds));
}

static void bench_wins(const char *dir, size_t rounds)
{
	double ratio[ROUNDS_MAX], ours[ROUNDS_MAX];
	char path[512];
	struct db *db;
	sqlite3 *bare_db;
	sqlite3_stmt *st;

	snprintf(path, sizeof(path), "%s/weir.sqlite", dir);
	check(db_open(path, DB_FULL, &db));
	snprintf(path, sizeof(path), "%s/bare.sqlite", dir);
	st = open_bare(path, &bare_db);
	for (size_t i = 0; i < rounds; i++) {
		ours[i] = commit_wins(db, i * WINS);
		ratio[i] = commit_bare(st) / ours[i];
	}
	printf("\"wins_committed_per_s\": %.0f, \"wins_vs_bare_commit\": %.4f",
		WINS / median(ours, rounds), median(ratio, rounds));
	sqlite3_finalize(st);
	sqlite3_close(bare_db);
	db_close(db);
}

int main(int argc, char **argv)
{
	long rounds = argc > 2 ? strtol(argv[2], NULL, 10) : 15;

	if (argc < 2 || rounds < 1 || rounds > ROUNDS_MAX)
		die("usage", "bench_ticket DIR [ROUNDS]");
	stay_on_one_core();
	make_tickets();
	printf("{");
	bench_validation((size_t)rounds);
	bench_wins(argv[1], (size_t)rounds);
	printf("}\n");
	for (size_t i = 0; i < TICKETS; i++)
		payment_clear(&payments[i]);
	return 0;
}
